#include "backends/sim/chip/chip_loop.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "backends/abi/chip_wait.h"
#include "backends/sim/chip/work_pace.h"

namespace l3link {
namespace {

// While something is busy, looking at what is not takes one part of so many and one; nothing waits longer than this for it.
constexpr uint64_t kQuietShare = 4;
constexpr uint64_t kLongestQuietUs = 200;

}  // namespace

ChipLoop::ChipLoop(l3_chip* chip, ChipLife* life, const ProgramRegistry* registry, Faults* faults, uint64_t spin_us)
    : chip_(chip), life_(life), registry_(registry), faults_(faults), spin_us_(spin_us) {}

ChipLoop::~ChipLoop() {
  for (const Served& served : served_) Retire(served);
}

void ChipLoop::Retire(const Served& served) {
  const std::string summary = served.servant == nullptr ? "" : served.servant->Summary();
  if (!summary.empty()) absl::FPrintF(stderr, "l3link-sim-chip: %s\n", summary);
}

void ChipLoop::FollowDirectory(uint64_t version) {
  const auto gone = [this](Served& served) {
    if (served.servant == nullptr) return !l3_object_is_current(chip_, served.index, served.generation);
    if (served.servant->Refresh()) return false;
    Retire(served);
    return true;
  };
  served_.erase(std::remove_if(served_.begin(), served_.end(), gone), served_.end());
  if (first_ >= served_.size()) first_ = 0;
  l3_directory_acknowledge(chip_, version);  // no view older than `version` is left

  uint32_t cursor = 0;
  l3_object object;
  while (l3_next_object(chip_, 0, &cursor, &object) == L3_OK) {
    const uint64_t generation = object.entry.generation;
    const auto at = std::lower_bound(served_.begin(), served_.end(), generation,
                                     [](const Served& served, uint64_t wanted) { return served.generation < wanted; });
    if (at != served_.end() && at->generation == generation) continue;
    served_.insert(at, Served{generation, object.index, 0, registry_->Serve(chip_, object, faults_)});
  }
}

bool ChipLoop::Turn(uint64_t now_us) {
  bool worked = false;
  const bool everything = now_us >= next_look_everywhere_us_;
  const size_t count = served_.size();
  for (size_t i = 0; i < count; ++i) {
    Served& served = served_[first_ + i < count ? first_ + i : first_ + i - count];
    if (served.servant == nullptr || (!everything && now_us >= served.hot_until_us)) continue;
    if (!served.servant->Work(now_us, everything)) continue;
    served.hot_until_us = now_us + kHotUs;
    worked = true;
  }
  if (worked && ++first_ >= count) first_ = 0;
  if (everything) {
    const uint64_t done_us = MonotonicUs();
    next_look_everywhere_us_ = done_us + std::min(kQuietShare * (done_us - now_us), kLongestQuietUs);
  }
  return worked;
}

bool ChipLoop::AnyReady(uint64_t now_us, uint64_t* due_us) {
  bool ready = false;
  for (const Served& served : served_)
    if (served.servant != nullptr) ready |= served.servant->Ready(now_us, due_us);
  return ready;
}

void ChipLoop::Sleep(uint64_t now_us) {
  uint64_t due_us = UINT64_MAX;
  if (AnyReady(now_us, &due_us)) return;
  const auto ready = [](void* context) -> int {
    uint64_t ignored = UINT64_MAX;
    return static_cast<ChipLoop*>(context)->AnyReady(MonotonicUs(), &ignored) ? L3_OK : L3_AGAIN;
  };
  l3_wait(chip_, L3_WAIT_DOORBELL, ready, this, due_us == UINT64_MAX ? L3_FOREVER : due_us - now_us);
}

void ChipLoop::Run() {
  FollowDirectory(l3_load_acquire_u64(&chip_->arena->host.directory_version));
  WorkPace pace(spin_us_, MonotonicUs());
  while (!life_->stopped()) {
    const uint64_t now_us = l3_beat(chip_);
    uint64_t version;
    life_->Check(now_us);
    if (l3_directory_changed(chip_, &version)) FollowDirectory(version);
    if (Turn(now_us)) {
      pace.OnWork(now_us);
    } else if (pace.OnNothing(now_us)) {
      chip_->platform.relax(chip_->platform.context);
    } else {
      Sleep(now_us);
      next_look_everywhere_us_ = 0;
    }
  }
}

}  // namespace l3link
