#include "server/memory/journal/memory_journal.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/abi/base.h"
#include "backends/host/refusal.h"
#include "backends/state/boot_id.h"
#include "backends/state/private_folder.h"

namespace l3link {
namespace {

constexpr uint64_t kMagic = 0x79726f6d656d334c;  // "L3memory" in part
constexpr uint64_t kVersion = 2;

struct Head {
  uint64_t magic;
  uint64_t version;
  uint8_t boot_id[16];
  uint64_t rings;  // one bit a worker: its ring is backed
  uint64_t used;   // places that are backed; the rest are holes, which must not be touched
};

constexpr uint64_t kRingBytes = MemoryJournal::kNotifies * sizeof(NotifyEntry);
constexpr uint64_t kPlaceBytes = (sizeof(SessionPlace) + L3_PAGE_BYTES - 1) / L3_PAGE_BYTES * L3_PAGE_BYTES;
constexpr uint64_t kPlacesAt = L3_PAGE_BYTES + MemoryJournal::kMostWorkers * kRingBytes;
constexpr uint64_t kBytes = kPlacesAt + MemoryJournal::kMostSessions * kPlaceBytes;
static_assert(kRingBytes % L3_PAGE_BYTES == 0);

uint64_t RingAt(uint32_t worker_id) { return L3_PAGE_BYTES + worker_id * kRingBytes; }
uint64_t OffsetOf(uint32_t place) { return kPlacesAt + place * kPlaceBytes; }
Head& HeadOf(const MappedFile& file) { return *reinterpret_cast<Head*>(file.memory().data()); }

}  // namespace

absl::StatusOr<std::unique_ptr<MemoryJournal>> MemoryJournal::Open(const std::string& private_dir, bool discard) {
  absl::Status status = MakePrivateFolder(private_dir);
  if (!status.ok()) return status;
  const std::string path = private_dir + "/memory.journal";
  if (!discard) {
    absl::StatusOr<std::unique_ptr<MappedFile>> found = MappedFile::Open(path);
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    if (found.ok() && (*found)->memory().size() == kBytes) {
      std::unique_ptr<MemoryJournal> journal(new MemoryJournal(*std::move(found)));
      if (journal->IsOfThisBoot()) return journal;
    }
  }
  absl::StatusOr<std::unique_ptr<MappedFile>> file = MappedFile::Create(path, kBytes);
  if (!file.ok()) return file.status();
  std::unique_ptr<MemoryJournal> journal(new MemoryJournal(*std::move(file)));
  status = journal->Init();
  if (!status.ok()) return status;
  return journal;
}

absl::Status MemoryJournal::Init() {
  absl::Status status = file_->Commit(0, L3_PAGE_BYTES);
  if (!status.ok()) return status;
  Head& head = HeadOf(*file_);
  head.version = kVersion;
  const std::array<uint8_t, 16> boot = BootId();
  std::copy(boot.begin(), boot.end(), head.boot_id);
  l3_store_release_u64(&head.magic, kMagic);
  return absl::OkStatus();
}

bool MemoryJournal::IsOfThisBoot() const {
  const Head& head = HeadOf(*file_);
  const std::array<uint8_t, 16> boot = BootId();
  return l3_load_acquire_u64(&head.magic) == kMagic && head.version == kVersion && head.used <= kMostSessions &&
         std::equal(boot.begin(), boot.end(), head.boot_id);
}

SessionPlace* MemoryJournal::PlaceAt(uint32_t index) const {
  return reinterpret_cast<SessionPlace*>(file_->memory().data() + OffsetOf(index));
}

bool MemoryJournal::HasNotifies(uint32_t worker_id) const {
  absl::MutexLock lock(&mu_);
  return (HeadOf(*file_).rings >> worker_id & 1) != 0;
}

absl::StatusOr<std::unique_ptr<NotifyJournal>> MemoryJournal::Notifies(uint32_t worker_id) {
  absl::MutexLock lock(&mu_);
  uint64_t& rings = HeadOf(*file_).rings;
  if ((rings >> worker_id & 1) == 0) {
    absl::Status status = file_->Commit(RingAt(worker_id), kRingBytes);
    if (!status.ok()) return status;
    l3_store_release_u64(&rings, rings | uint64_t{1} << worker_id);
  }
  auto* ring = reinterpret_cast<NotifyEntry*>(file_->memory().data() + RingAt(worker_id));
  return std::make_unique<NotifyJournal>(ring, kNotifies);
}

std::vector<std::unique_ptr<SessionJournal>> MemoryJournal::Sessions() {
  absl::MutexLock lock(&mu_);
  std::vector<std::unique_ptr<SessionJournal>> sessions;
  used_ = static_cast<uint32_t>(HeadOf(*file_).used);
  for (uint32_t i = 0; i < used_; ++i) {
    auto session = std::make_unique<SessionJournal>(PlaceAt(i));
    if (session->Load()) {
      sessions.push_back(std::move(session));
    } else {
      free_.push_back(i);
    }
  }
  return sessions;
}

absl::StatusOr<std::unique_ptr<SessionJournal>> MemoryJournal::NewSession() {
  absl::MutexLock lock(&mu_);
  const bool reused = !free_.empty();
  if (!reused && used_ == kMostSessions) {
    return Refuse(Reason::kLIMIT_REACHED, absl::StrCat("memory sessions: all ", kMostSessions, " are remembered"),
                  {{"limit", "memory_sessions"}, {"maximum", absl::StrCat(kMostSessions)}});
  }
  const uint32_t place = reused ? free_.back() : used_;
  if (reused) {
    free_.pop_back();
    std::memset(static_cast<void*>(PlaceAt(place)), 0, kPlaceBytes);
  } else {
    absl::Status status = file_->Commit(OffsetOf(place), kPlaceBytes);
    if (!status.ok()) return status;
    l3_store_release_u64(&HeadOf(*file_).used, ++used_);
  }
  return std::make_unique<SessionJournal>(PlaceAt(place));
}

void MemoryJournal::Forget(std::unique_ptr<SessionJournal> session) {
  session->Clear();
  const auto offset = static_cast<uint64_t>(reinterpret_cast<std::byte*>(session->place()) - file_->memory().data());
  absl::MutexLock lock(&mu_);
  free_.push_back(static_cast<uint32_t>((offset - kPlacesAt) / kPlaceBytes));
}

}  // namespace l3link
