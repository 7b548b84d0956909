#include "backends/worker/chip_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

ChipWorker::ChipWorker(std::unique_ptr<Platform> platform, const ChipWorkerOptions& options)
    : platform_(std::move(platform)), options_(options), watch_(options.heartbeat_timeout) {}

absl::StatusOr<std::unique_ptr<ChipWorker>> ChipWorker::Start(std::unique_ptr<Platform> platform,
                                                              const ChipWorkerOptions& options) {
  std::unique_ptr<ChipWorker> worker(new ChipWorker(std::move(platform), options));
  absl::Status status = worker->OpenState();
  if (!status.ok()) return status;
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
  status = worker->platform_->StartChip();
  if (!status.ok()) return status;
  worker->doorbell_thread_ = std::thread(&ChipWorker::Run, worker.get());
  return worker;
}

absl::Status ChipWorker::OpenState() {
  absl::StatusOr<std::unique_ptr<KeptState>> state =
      traits().supported ? KeptState::Open(platform_.get(), {options_.worker_id, options_.arena_bytes,
                                                             options_.limits.max_objects, options_.private_dir})
                         : KeptState::Nothing(traits(), options_.limits.max_objects);
  if (!state.ok()) return state.status();
  kept_state_ = *std::move(state);
  header_ = HeaderOf(kept_state_->arena());
  bell_ = std::make_unique<HostBell>(header_, [this](uint32_t* word) { platform_->WakeChip(word); });
  bell_->set_fault_flag(platform_->ArenaFaultFlag());
  bell_->Disarm();  // an earlier daemon may have died asleep
  ObjectLimits limits = options_.limits;
  limits.max_objects = kept_state_->max_objects();
  absl::MutexLock lock(&mu_);
  objects_ = std::make_unique<ObjectTable>(kept_state_->arena(), limits, platform_.get(), bell_.get(),
                                           &kept_state_->journal());
  absl::Status status = kept_state_->adopted() ? objects_->Recover() : absl::OkStatus();
  if (!status.ok()) objects_.reset();  // the state stays as it is: nobody may take it for empty
  return status;
}

ChipWorker::~ChipWorker() {
  stop_.store(true);
  if (doorbell_thread_.joinable()) {
    bell_->WakeOwnSleeper();  // it sleeps on the word, or has just remembered it: both end by a change
    doorbell_thread_.join();
  }
  if (header_ != nullptr) StoreHostState(header_, L3_HOST_STOPPED);
  if (!traits().supported) return;
  platform_->StopChip();
  absl::MutexLock lock(&mu_);
  if (objects_ != nullptr && objects_->channels().empty() && objects_->regions().empty())
    kept_state_->Forget(platform_.get());
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
  status.arena_bytes = traits().supported ? kept_state_->arena().size() : 0;
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
