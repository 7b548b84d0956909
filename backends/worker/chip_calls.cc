#include "backends/worker/chip_calls.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

// Puts an event among a direction's waiters, and asks the chip to ring. Call under the lock, before the look that a sleep
// relies on; again after a wake, when a reset may have forgotten it.
void Watch(HostChannel& channel, Direction direction, ActivityEvent* event) {
  for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
    HostLane& lane = channel.lane(direction, i);
    if (std::find(lane.waiters.begin(), lane.waiters.end(), event) == lane.waiters.end()) lane.waiters.push_back(event);
    if (lane.producer) {
      (void)lane.producer->LookForRoom();
    } else {
      (void)lane.consumer->Look();
    }
  }
}

void Unwatch(HostChannel& channel, Direction direction, ActivityEvent* event) {
  for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
    std::erase(channel.lane(direction, i).waiters, event);
  }
}

absl::Status Closed(const HostChannel& channel) {
  return Refuse(Reason::kCHANNEL_CLOSED, absl::StrCat("channel ", channel.name(), " was closed"),
                {{"channel", channel.name()}});
}

absl::Status NoLane(const HostChannel& channel, absl::string_view direction) {
  return Refuse(Reason::kLANE_NOT_FOUND, absl::StrCat("channel ", channel.name(), " has no ", direction, " lane"),
                {{"channel", channel.name()}, {"lane_count", "0"}});
}

absl::Status Poisoned(const HostChannel& channel, uint32_t lane, const Poison& poison) {
  return Refuse(
      Reason::kLANE_POISONED,
      absl::StrCat("channel ", channel.name(), " lane ", lane, " is poisoned: ", PoisonName(poison.reason), ", ",
                   poison.evidence),
      {{"channel", channel.name()}, {"lane", absl::StrCat(lane)}, {"poison", std::string(PoisonName(poison.reason))}});
}

absl::Status LargerThanItsRoom(const HostChannel& channel, const IncomingMessage& message) {
  return Refuse(Reason::kMESSAGE_TOO_LARGE,
                absl::StrCat("channel ", channel.name(), " lane ", message.lane, ": message of ",
                             message.header.payload_bytes, " bytes > room of ", message.room.size()),
                {{"bytes", absl::StrCat(message.header.payload_bytes)}, {"room", absl::StrCat(message.room.size())}});
}

absl::Status WouldBlock(absl::string_view what, absl::Duration timeout) {
  return Refuse(Reason::kWOULD_BLOCK, absl::StrCat(what, " within ", absl::FormatDuration(timeout)),
                {{"timeout", absl::FormatDuration(timeout)}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<HostChannel>> ChipCalls::OpenChannel(absl::string_view name,
                                                                    const ChannelConfig& config) {
  absl::StatusOr<ChannelConfig> complete = CompleteChannelConfig(config, worker_.options().limits);
  if (!complete.ok()) return complete.status();
  ChipLock lock(worker_);
  absl::StatusOr<Opened<HostChannel>> opened = worker_.objects().OpenChannel(name, *complete);
  if (!opened.ok()) return opened.status();
  return std::move(opened->object);
}

absl::StatusOr<std::shared_ptr<HostChannel>> ChipCalls::FindChannel(absl::string_view name) {
  ChipLock lock(worker_);
  return worker_.objects().FindChannel(name, 0);
}

absl::Status ChipCalls::CloseChannel(HostChannel& channel) {
  ChipLock lock(worker_);
  if (channel.closed()) return Closed(channel);
  worker_.objects().CloseChannel(channel);
  next_lane_.erase(channel.generation());
  return absl::OkStatus();
}

void ChipCalls::CloseEverything() {
  ChipLock lock(worker_);
  ObjectTable& objects = worker_.objects();
  while (!objects.channels().empty()) objects.CloseChannel(*objects.channels().begin()->second);
  while (!objects.regions().empty()) objects.CloseRegion(*objects.regions().begin()->second);
  next_lane_.clear();
}

absl::Status ChipCalls::ResetLane(HostChannel& channel, Direction direction, uint32_t lane) {
  ChipLock lock(worker_);
  if (channel.closed()) return Closed(channel);
  return worker_.objects().ResetLane(channel, direction, lane);
}

absl::Status ChipCalls::CheckMessages(const HostChannel& channel, absl::Span<const OutgoingMessage> messages) const {
  if (channel.lane_count(Direction::kHostToChip) == 0) return NoLane(channel, "host_to_chip");
  const uint32_t most = channel.config().lane.max_message_bytes;
  for (const OutgoingMessage& message : messages) {
    if (message.payload.size() <= most) continue;
    return Refuse(Reason::kMESSAGE_TOO_LARGE,
                  absl::StrCat("lane ", channel.LaneOfRoute(Direction::kHostToChip, message.route), ": message of ",
                               message.payload.size(), " bytes > max_message_bytes ", most),
                  {{"max_message_bytes", absl::StrCat(most)}, {"bytes", absl::StrCat(message.payload.size())}});
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ChipCalls::TrySend(HostChannel& channel, absl::Span<const OutgoingMessage> messages) {
  if (channel.closed()) return Closed(channel);
  const auto lane_of = [&](const OutgoingMessage& message) {
    return channel.LaneOfRoute(Direction::kHostToChip, message.route);
  };
  size_t sent = 0;
  LaneResult result = LaneResult::kOk;
  for (; sent < messages.size(); ++sent) {
    result = channel.lane(Direction::kHostToChip, lane_of(messages[sent])).producer->Stage(messages[sent]);
    if (result != LaneResult::kOk) break;
  }
  for (uint32_t i = 0; i < channel.lane_count(Direction::kHostToChip); ++i) {
    channel.lane(Direction::kHostToChip, i).producer->Publish();
  }
  // A lane that broke meanwhile has not published what it staged: that must not be counted as sent.
  const size_t touched = sent + (sent == 0 && result == LaneResult::kPoisoned ? 1 : 0);
  for (const OutgoingMessage& message : messages.first(touched)) {
    const absl::optional<Poison>& poison = channel.lane(Direction::kHostToChip, lane_of(message)).poison();
    if (poison.has_value()) return Poisoned(channel, lane_of(message), *poison);
  }
  return sent;
}

// Once without being watched for: the usual call finds what it wants, and a timeout of 0 has nothing to undo.
template <typename Try>
absl::StatusOr<size_t> ChipCalls::TryUntil(HostChannel& channel, Direction direction, absl::Duration timeout,
                                           absl::string_view what, Try try_once) {
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  for (bool watching = false;; watching = true) {
    {
      ChipLock lock(worker_);
      if (watching) Watch(channel, direction, &event);
      absl::StatusOr<size_t> moved = try_once();
      const bool done = !moved.ok() || *moved > 0;
      const bool over = done || MonoNow() >= deadline;
      if (over && watching) Unwatch(channel, direction, &event);
      if (done) return moved;
      if (over) break;
    }
    if (watching) event.Wait(deadline);
  }
  return WouldBlock(absl::StrCat("channel ", channel.name(), ": ", what), timeout);
}

absl::StatusOr<size_t> ChipCalls::ChannelSend(HostChannel& channel, absl::Span<const OutgoingMessage> messages,
                                              absl::Duration timeout) {
  absl::Status status = CheckMessages(channel, messages);
  if (!status.ok()) return status;
  if (messages.empty()) return 0;
  return TryUntil(channel, Direction::kHostToChip, timeout, "no room", [&] { return TrySend(channel, messages); });
}

absl::Status ChipCalls::ChannelSend(HostChannel& channel, const OutgoingMessage& message, absl::Duration timeout) {
  return ChannelSend(channel, absl::MakeConstSpan(&message, 1), timeout).status();
}

LaneResult ChipCalls::TakeOne(HostChannel& channel, uint32_t index, IncomingMessage* message, bool* too_large) {
  LaneConsumer& lane = *channel.lane(Direction::kChipToHost, index).consumer;
  LaneResult result = lane.published() > lane.delivered() ? LaneResult::kOk : lane.Poll();
  if (result == LaneResult::kOk) result = lane.Next(&message->header);
  if (result != LaneResult::kOk) return result;
  message->lane = index;
  *too_large = message->header.payload_bytes > message->room.size();
  if (*too_large) return LaneResult::kOk;
  result = lane.CopyNext(message->room.first(message->header.payload_bytes));
  if (result == LaneResult::kOk) lane.Advance();
  return result;
}

absl::StatusOr<size_t> ChipCalls::TryRecv(HostChannel& channel, absl::Span<IncomingMessage> messages) {
  if (channel.closed()) return Closed(channel);
  const uint32_t lanes = channel.lane_count(Direction::kChipToHost);
  uint32_t& next = next_lane_[channel.generation()];
  size_t taken = 0;
  absl::Status trouble;
  bool too_large = false;
  for (uint32_t idle = 0; idle < lanes && taken < messages.size(); ++next) {
    const uint32_t index = next % lanes;
    const LaneResult result = TakeOne(channel, index, &messages[taken], &too_large);
    if (too_large) break;  // the next call's turn begins here
    if (result == LaneResult::kPoisoned) {
      trouble = Poisoned(channel, index, *channel.lane(Direction::kChipToHost, index).poison());
    }
    idle = result == LaneResult::kOk ? 0 : idle + 1;
    taken += result == LaneResult::kOk ? 1 : 0;
  }
  // From the last to the first: one ack a lane moves its head, those before it find that done.
  for (size_t i = taken; i-- > 0;) {
    (void)channel.lane(Direction::kChipToHost, messages[i].lane).consumer->Ack(messages[i].header.sequence + 1);
  }
  if (taken > 0) return taken;
  if (too_large) return LargerThanItsRoom(channel, messages[0]);
  if (!trouble.ok()) return trouble;
  return taken;
}

absl::StatusOr<size_t> ChipCalls::ChannelRecv(HostChannel& channel, absl::Span<IncomingMessage> messages,
                                              absl::Duration timeout) {
  if (channel.lane_count(Direction::kChipToHost) == 0) return NoLane(channel, "chip_to_host");
  if (messages.empty()) return 0;
  return TryUntil(channel, Direction::kChipToHost, timeout, "no message", [&] { return TryRecv(channel, messages); });
}

bool ChipCalls::AwaitChipState(ChipState state, absl::Duration timeout) {
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  {
    ChipLock lock(worker_);
    worker_.AddChipListener(&event);
  }
  for (bool waiting = true;; waiting = event.Wait(deadline)) {
    ChipLock lock(worker_);
    if (waiting && worker_.state() != state) continue;
    worker_.RemoveChipListener(&event);
    return worker_.state() == state;
  }
}

}  // namespace l3link
