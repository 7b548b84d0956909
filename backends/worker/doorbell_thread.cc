// ChipWorker's own thread: looks where the chip rang, sleeps when nobody did, and once a second looks after everything else.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "backends/worker/chip_worker.h"

namespace l3link {
namespace {

constexpr absl::Duration kTick = absl::Seconds(1);
constexpr size_t kAuditedLanesATick = 4096;
// A chip that cannot wake us: look at its word this often, less and less while it is still.
constexpr absl::Duration kShortestPoll = absl::Microseconds(50);
constexpr absl::Duration kLongestPoll = absl::Milliseconds(5);

void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void ChipWorker::Run() {
  pthread_setname_np(pthread_self(), "l3-doorbell");
  while (!stop_.load(std::memory_order_relaxed)) {
    if (TurnOnce() > 0 || SpinForWork(options_.spin)) continue;
    SleepUntilRung();
  }
}

int ChipWorker::TurnOnce() {
  ChipLock lock(*this);
  TickIfDue(MonoNow());
  return objects_->ScanRings(std::exchange(ring_everything_, false));
}

bool ChipWorker::SpinForWork(absl::Duration at_most) {
  if (at_most <= absl::ZeroDuration()) return false;
  const MonoTime end = After(MonoNow(), at_most);
  do {
    for (int i = 0; i < 16; ++i) Relax();
    sched_yield();  // with few processors, to those it waits for
    ChipLock lock(*this);
    if (objects_->ScanRings(false) > 0) return true;
  } while (MonoNow() < end);
  return false;
}

void ChipWorker::BeginLook() {
  if (objects_ == nullptr) return;
  ++lookers_;
  bell_->Disarm();
}

bool ChipWorker::EndLook(absl::Duration at_most) {
  if (objects_ == nullptr) return false;
  bool found = SpinForWork(at_most);
  ChipLock lock(*this);
  if (--lookers_ > 0 || !asleep_) return found;
  bell_->Arm();  // as it was when the doorbell thread fell asleep; and as then, a last look
  found |= objects_->ScanRings(false) > 0;
  if (HasNewAttach()) bell_->WakeOwnSleeper();
  return found;
}

void ChipWorker::SleepUntilRung() {
  uint32_t remembered;
  absl::Duration at_most;
  bool rung;
  {
    ChipLock lock(*this);
    asleep_ = true;
    remembered = bell_->Arm();
    if (lookers_ > 0) bell_->Disarm();  // the last of them arms it again
    // Once more after arming: either this sees what the chip rang for, or the chip sees that we sleep (doorbell.h, 2).
    rung = objects_->ScanRings(false) > 0 || HasNewAttach();
    at_most = LongestSleep(MonoNow());
    if (rung) poll_pause_ = kShortestPoll;
  }
  if (!rung && !stop_.load()) platform_->AwaitBell(bell_->word(), remembered, at_most);
  ChipLock lock(*this);
  asleep_ = false;
  bell_->Disarm();
}

absl::Duration ChipWorker::LongestSleep(MonoTime now) {
  absl::Duration at_most = std::max(absl::ZeroDuration(), Between(now, next_tick_));
  if (state_ == ChipState::kRunning && !watch_.line().can_wake) {
    poll_pause_ = std::clamp(poll_pause_ * 2, kShortestPoll, kLongestPoll);
    at_most = std::min(at_most, poll_pause_);
  }
  return at_most;
}

bool ChipWorker::HasNewAttach() const {
  return l3_load_relaxed_u64(&header_->chip.attach_count) != watch_.line().attach_count;
}

void ChipWorker::TickIfDue(MonoTime now) {
  if (now < next_tick_) {
    // A new attach cannot wait for the tick: the chip rang for everything.
    if (HasNewAttach()) WatchChip(now);
    return;
  }
  StoreHostHeartbeat(header_, ++host_heartbeat_);
  WatchArena();
  WatchChip(now);
  objects_->ReleaseQuarantine(watch_.presence().life == ChipPresence::Life::kGone);
  if (!arena_gone_) objects_->Audit(kAuditedLanesATick);
  next_tick_ = After(now, kTick);
}

void ChipWorker::WatchChip(MonoTime now) {
  const ChipWatch::Change change = watch_.Look(LoadChipLine(*header_), platform_->Presence(), now);
  if (change.attached) ring_everything_ = true;
  if (!change.state) return;
  state_ = watch_.state();
  const std::vector<ChipListener*> listeners = chip_listeners_;
  for (ChipListener* listener : listeners) {
    if (std::find(chip_listeners_.begin(), chip_listeners_.end(), listener) != chip_listeners_.end()) {
      listener->OnChipState(state_, watch_.detail());
    }
  }
}

void ChipWorker::WatchArena() {
  if (arena_gone_) return;
  const std::string fault = platform_->ArenaFault();
  if (fault.empty()) return;
  arena_gone_ = true;
  objects_->PoisonAll(PoisonReason::kArenaGone, fault);
}

}  // namespace l3link
