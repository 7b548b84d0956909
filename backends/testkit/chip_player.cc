#include "backends/testkit/chip_player.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "backends/host/mono_time.h"
#include "backends/sim/chip/arena_map.h"
#include "backends/sim/shared_futex.h"

namespace l3link::testkit {
namespace {

constexpr absl::Duration kLongestSleep = absl::Milliseconds(100);  // heartbeats are due every 250 ms
constexpr absl::Duration kLook = absl::Milliseconds(5);

l3_platform PlatformOfPlayer() {
  l3_platform platform = {};
  platform.wake = [](void*, uint32_t* word) { WakeShared(word); };
  platform.now_us = [](void*) {
    return static_cast<uint64_t>(absl::ToInt64Microseconds(absl::FromChrono(MonoNow().time_since_epoch())));
  };
  platform.shared_rmw = 1;
  platform.pid = static_cast<uint32_t>(getpid());
  return platform;
}

template <typename Views, typename IsClosed>
void Drop(Views* views, const IsClosed& is_closed) {
  for (auto at = views->begin(); at != views->end();) at = is_closed(&at->second) ? views->erase(at) : std::next(at);
}

// Of a call on `object` that ended with `code`; `open`: what is open instead.
absl::Status ErrorOf(int code, const std::string& object, const std::string& detail, absl::Duration timeout,
                     const std::string& open) {
  const std::string within = absl::StrCat(" within ", absl::FormatDuration(timeout));
  switch (code) {
    case L3_OK: return absl::OkStatus();
    case L3_AGAIN: return absl::DeadlineExceededError(absl::StrCat(object, ": ", detail, within));
    case L3_ENOENT:
    case L3_ECLOSED:
      return absl::NotFoundError(absl::StrCat(object, " is not open on this chip", within, "; open are: ", open));
    case L3_ECORRUPT: return absl::DataLossError(absl::StrCat(object, ": ", l3_code_text(code)));
    default: return absl::InvalidArgumentError(absl::StrCat(object, ": ", detail));
  }
}

bool IsTrue(const Interrupted& interrupted) { return interrupted != nullptr && interrupted(); }

bool MayPass(int code) { return code == L3_AGAIN || code == L3_ENOENT || code == L3_ECLOSED; }

}  // namespace

absl::StatusOr<std::unique_ptr<ChipPlayer>> ChipPlayer::Attach(const std::string& arena_path, absl::Duration timeout,
                                                               Interrupted interrupted) {
  const MonoTime deadline = After(MonoNow(), timeout);
  for (;; absl::SleepFor(kLook)) {
    absl::StatusOr<std::unique_ptr<ArenaMap>> arena = ArenaMap::Open(arena_path);
    if (!arena.ok() && !absl::IsNotFound(arena.status())) return arena.status();
    if (arena.ok()) {
      absl::StatusOr<ArenaLock> lock = ArenaLock::Acquire(absl::StrCat(arena_path, ".lock"));
      if (!lock.ok()) return lock.status();
      std::unique_ptr<ChipPlayer> player(
          new ChipPlayer(std::make_unique<ArenaLock>(*std::move(lock)), *std::move(arena), interrupted));
      const int code = player->AttachChip();
      if (code == L3_OK) return player;
      if (code != L3_AGAIN) {
        return absl::FailedPreconditionError(absl::StrCat("cannot attach to ", arena_path, ": ", l3_code_text(code)));
      }
    }
    if (MonoNow() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat("no arena at ", arena_path, " within ",
                                                      absl::FormatDuration(timeout), "; is its node started with ",
                                                      "--sim-chip external, and for such a chip?"));
    }
    if (IsTrue(interrupted)) return absl::CancelledError(absl::StrCat(arena_path, ": the wait was interrupted"));
  }
}

ChipPlayer::ChipPlayer(std::unique_ptr<ArenaLock> lock, std::unique_ptr<ArenaMap> arena, Interrupted interrupted)
    : lock_(std::move(lock)), arena_(std::move(arena)), interrupted_(std::move(interrupted)) {}

ChipPlayer::~ChipPlayer() {
  if (!keeper_.joinable()) return;  // never attached
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  WakeShared(&Bell()->word);
  keeper_.join();
  absl::MutexLock lock(&mutex_);
  if (!gone_) l3_detach(&chip_);
}

int ChipPlayer::AttachChip() {
  absl::MutexLock lock(&mutex_);
  const l3_platform platform = PlatformOfPlayer();
  const int code = l3_attach(&chip_, arena_->memory().data(), arena_->memory().size(), &platform);
  if (code != L3_OK) return code;
  // For good: whatever the host rings for changes the word, which every call remembers before it looks.
  l3_store_relaxed_u32(&Bell()->armed, 1);
  keeper_ = std::thread([this] { Keep(); });
  return L3_OK;
}

l3_doorbell* ChipPlayer::Bell() const { return &reinterpret_cast<l3_arena_header*>(arena_->memory().data())->to_chip; }

void ChipPlayer::Keep() {
  pthread_setname_np(pthread_self(), "l3-chip-player");
  for (;;) {
    uint32_t word;
    {
      absl::MutexLock lock(&mutex_);
      if (stop_) return;
      word = l3_load_acquire_u32(&Bell()->word);
      gone_ = gone_ || arena_->Replaced();
      if (!gone_) {
        l3_beat(&chip_);
        FollowDirectory();
      }
    }
    AwaitShared(&Bell()->word, word, kLongestSleep);
  }
}

void ChipPlayer::FollowDirectory() {
  uint64_t version;
  if (!l3_directory_changed(&chip_, &version)) return;
  Drop(&receivers_, [](l3_receiver* receiver) { return l3_lane_closed(&receiver->lane); });
  Drop(&senders_, [](l3_sender* sender) { return l3_lane_closed(&sender->lane); });
  Drop(&regions_, [](l3_region* region) { return l3_region_closed(region); });
  l3_directory_acknowledge(&chip_, version);
}

absl::Status ChipPlayer::Until(absl::Duration timeout, const std::string& object, const std::string& detail,
                               absl::FunctionRef<int()> attempt) {
  const MonoTime deadline = After(MonoNow(), timeout);
  for (;;) {
    std::string open;
    int code;
    uint32_t word;
    {
      absl::MutexLock lock(&mutex_);
      if (gone_) return absl::UnavailableError("the node has made this chip's arena anew; attach again");
      FollowDirectory();
      word = l3_load_acquire_u32(&Bell()->word);
      l3_fence_full();  // (2) of doorbell.h: what is rung for after `attempt` has looked changes the word
      code = attempt();
      if (MayPass(code) && code != L3_AGAIN) open = OpenNames();
    }
    const absl::Duration left = Between(MonoNow(), deadline);
    if (!MayPass(code) || left <= absl::ZeroDuration()) return ErrorOf(code, object, detail, timeout, open);
    if (IsTrue(interrupted_)) return absl::CancelledError(absl::StrCat(object, ": the wait was interrupted"));
    AwaitShared(&Bell()->word, word, std::min(left, kLongestSleep));
  }
}

std::string ChipPlayer::OpenNames() {
  std::vector<std::string> names;
  uint32_t cursor = 0;
  l3_object object;
  while (l3_next_object(&chip_, 0, &cursor, &object) == L3_OK) {
    names.push_back(absl::StrCat(object.entry.kind == L3_OBJECT_CHANNEL ? "channel " : "region ", object.entry.name));
  }
  return names.empty() ? "none" : absl::StrJoin(names, ", ");
}

int ChipPlayer::OpenLane(const LaneKey& key, int direction, l3_channel* channel, std::string* detail) {
  l3_object object;
  int code = l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, key.first.c_str(), &object);
  if (code == L3_OK) code = l3_channel_open(&chip_, &object, channel);
  if (code != L3_OK) return code;
  const uint32_t lanes = l3_lane_count(channel, direction);
  if (key.second < lanes) return L3_OK;
  *detail = absl::StrCat("no lane ", key.second, ", it has ", lanes,
                         direction == L3_HOST_TO_CHIP ? " host_to_chip" : " chip_to_host");
  return L3_EINVAL;
}

int ChipPlayer::FindReceiver(const LaneKey& key, l3_receiver** found, std::string* detail) {
  auto at = receivers_.find(key);
  if (at == receivers_.end()) {
    l3_channel channel;
    l3_receiver receiver;
    int code = OpenLane(key, L3_HOST_TO_CHIP, &channel, detail);
    if (code == L3_OK) code = l3_receiver_open(&channel, key.second, &receiver);
    if (code != L3_OK) return code;
    at = receivers_.emplace(key, receiver).first;
  }
  *found = &at->second;
  return L3_OK;
}

int ChipPlayer::FindSender(const LaneKey& key, l3_sender** found, std::string* detail) {
  auto at = senders_.find(key);
  if (at == senders_.end()) {
    l3_channel channel;
    l3_sender sender;
    int code = OpenLane(key, L3_CHIP_TO_HOST, &channel, detail);
    if (code == L3_OK) code = l3_sender_open(&channel, key.second, &sender);
    if (code != L3_OK) return code;
    at = senders_.emplace(key, sender).first;
  }
  *found = &at->second;
  return L3_OK;
}

int ChipPlayer::FindRegion(const std::string& name, l3_region** found) {
  auto at = regions_.find(name);
  if (at == regions_.end()) {
    l3_object object;
    l3_region region;
    int code = l3_find_by_name(&chip_, L3_OBJECT_REGION, name.c_str(), &object);
    if (code == L3_OK) code = l3_region_open(&chip_, &object, &region);
    if (code != L3_OK) return code;
    at = regions_.emplace(name, region).first;
  }
  *found = &at->second;
  return L3_OK;
}

}  // namespace l3link::testkit
