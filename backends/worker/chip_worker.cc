#include "backends/worker/chip_worker.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

// Objects' generations count on from the arena's: far enough apart that an id of an earlier arena names nothing in this one.
constexpr int kGenerationShift = 20;

void FillRandom(void* bytes, size_t count) {
  while (getrandom(bytes, count, 0) != static_cast<ssize_t>(count)) {
  }
}

ArenaIdentity NewIdentity(const PlatformTraits& traits, uint32_t directory_capacity) {
  ArenaIdentity identity;
  std::string boot_id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot_id;
  const std::string bytes = absl::HexStringToBytes(absl::StrReplaceAll(boot_id, {{"-", ""}}));
  std::memcpy(identity.boot_id.data(), bytes.data(), std::min(bytes.size(), identity.boot_id.size()));
  FillRandom(identity.pairing_id.data(), identity.pairing_id.size());
  uint32_t generation;
  FillRandom(&generation, sizeof(generation));
  identity.generation = uint64_t{generation >> 1} << kGenerationShift;
  identity.platform = traits.platform;
  identity.chip_index = traits.chip_index;
  identity.core_count = traits.core_count;
  identity.device_base = traits.device_base;
  identity.directory_capacity = directory_capacity;
  return identity;
}

absl::Status CheckArenaBytes(const PlatformTraits& traits, uint64_t bytes, uint64_t least) {
  const uint64_t most = traits.max_arena_bytes == 0 ? UINT64_MAX : traits.max_arena_bytes;
  if (bytes >= least && bytes <= most && bytes % L3_PAGE_BYTES == 0) return absl::OkStatus();
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD,
                absl::StrCat("arena_bytes: ", bytes, " is not a multiple of ", L3_PAGE_BYTES, " from ", least, " to ",
                             most, " (", traits.platform, ")"),
                {{"field", "arena_bytes"}, {"value", absl::StrCat(bytes)}});
}

}  // namespace

ChipWorker::ChipWorker(std::unique_ptr<Platform> platform, const ChipWorkerOptions& options)
    : platform_(std::move(platform)), options_(options), watch_(options.heartbeat_timeout) {}

absl::StatusOr<std::unique_ptr<ChipWorker>> ChipWorker::Start(std::unique_ptr<Platform> platform,
                                                              const ChipWorkerOptions& options) {
  std::unique_ptr<ChipWorker> worker(new ChipWorker(std::move(platform), options));
  absl::Status status = worker->traits().supported ? worker->MapArena() : worker->MapNothing();
  if (!status.ok()) return status;
  worker->header_ = HeaderOf(worker->memory_);
  InitArena(worker->memory_, NewIdentity(worker->traits(), options.limits.max_objects));
  Platform* const seam = worker->platform_.get();
  worker->bell_ = std::make_unique<HostBell>(worker->header_, [seam](uint32_t* word) { seam->WakeChip(word); });
  worker->bell_->set_fault_flag(seam->ArenaFaultFlag());
  worker->objects_ = std::make_unique<ObjectTable>(worker->memory_, options.limits, seam, worker->bell_.get());
  if (!worker->traits().supported) {
    absl::MutexLock lock(&worker->mu_);
    worker->state_ = ChipState::kUnsupported;
    return worker;
  }
  StoreHostState(worker->header_, L3_HOST_SERVING);
  StoreHostHeartbeat(worker->header_,
                     1);  // before the chip comes: it starts counting the host's silence when it attaches
  {
    absl::MutexLock lock(&worker->mu_);
    worker->host_heartbeat_ = 1;
  }
  status = seam->StartChip();
  if (!status.ok()) return status;
  worker->doorbell_thread_ = std::thread(&ChipWorker::Run, worker.get());
  return worker;
}

absl::Status ChipWorker::MapArena() {
  const uint64_t data_at = ArenaDataAt(options_.limits.max_objects);
  absl::Status status = CheckArenaBytes(traits(), options_.arena_bytes, data_at + L3_PAGE_BYTES);
  if (!status.ok()) return status;
  absl::StatusOr<absl::Span<std::byte>> memory = platform_->MapArena(options_.arena_bytes);
  if (!memory.ok()) return memory.status();
  memory_ = *memory;
  return platform_->Commit(0, data_at);
}

absl::Status ChipWorker::MapNothing() {
  const uint64_t bytes = ArenaDataAt(options_.limits.max_objects);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return absl::ErrnoToStatus(errno, "cannot map memory");
  memory_ = absl::MakeSpan(static_cast<std::byte*>(base), bytes);
  return absl::OkStatus();
}

ChipWorker::~ChipWorker() {
  stop_.store(true);
  if (doorbell_thread_.joinable()) {
    // It sleeps on the chip's word, or has just remembered it: both end by a change. The chip only ever adds to it.
    __atomic_fetch_add(bell_->word(), 1u, __ATOMIC_RELEASE);
    platform_->WakeChip(bell_->word());
    doorbell_thread_.join();
  }
  if (header_ != nullptr) StoreHostState(header_, L3_HOST_STOPPED);
  if (traits().supported) {
    platform_->StopChip();
  } else if (!memory_.empty()) {
    munmap(memory_.data(), memory_.size());
  }
}

absl::Status ChipWorker::CheckSupported() const {
  if (traits().supported) return absl::OkStatus();
  return Refuse(Reason::kPLATFORM_UNSUPPORTED, absl::StrCat("worker ", worker_id(), ": ", traits().detail),
                {{"worker_id", absl::StrCat(worker_id())}, {"platform", traits().platform}});
}

ChipStatus ChipWorker::Status() {
  ChipStatus status;
  status.worker_id = worker_id();
  status.traits = traits();
  status.state = state_;
  status.detail = traits().supported ? watch_.detail() : traits().detail;
  status.presence = watch_.presence();
  status.arena_bytes = traits().supported ? memory_.size() : 0;
  status.used_bytes = objects_->used_bytes();
  status.quarantined_bytes = objects_->quarantined_bytes();
  status.channel_count = static_cast<uint32_t>(objects_->channels().size());
  status.region_count = static_cast<uint32_t>(objects_->regions().size());
  status.heartbeat_age = watch_.heartbeat_age(MonoNow());
  status.attach_count = watch_.line().attach_count;
  status.chip_can_wake = watch_.line().can_wake;
  return status;
}

void ChipWorker::AddChipListener(ChipListener* listener) { chip_listeners_.push_back(listener); }

void ChipWorker::RemoveChipListener(ChipListener* listener) { std::erase(chip_listeners_, listener); }

ChipLock::ChipLock(ChipWorker& worker) : worker_(worker) { worker_.mu_.Lock(); }

ChipLock::~ChipLock() {
  DeferredAction* next = std::exchange(worker_.first_deferred_, nullptr);
  worker_.last_deferred_ = nullptr;
  worker_.mu_.Unlock();
  while (next != nullptr) {
    DeferredAction* const action = next;
    next = std::exchange(action->next_deferred_, nullptr);  // before it runs: it may defer itself again, or end
    action->RunDeferred();
  }
}

void ChipLock::Defer(ChipWorker& worker, DeferredAction* action) {
  worker.mu_.AssertHeld();
  (worker.last_deferred_ == nullptr ? worker.first_deferred_ : worker.last_deferred_->next_deferred_) = action;
  worker.last_deferred_ = action;
}

}  // namespace l3link
