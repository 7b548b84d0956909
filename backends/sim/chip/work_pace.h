// Whether a chip that finds nothing to do looks on for a while, or sleeps at once.
//
// Looking on answers the next message sooner. After work in bulk it would hold the processor that the sender of more needs. Work
// counts as bulk when it takes 20 us, without a pause or with short ones: a pause makes up for an eighth of itself.
// Times are of one monotonic clock, in microseconds. On the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_WORK_PACE_H_
#define L3LINK_BACKENDS_SIM_CHIP_WORK_PACE_H_

#include <algorithm>
#include <cstdint>
#include <utility>

namespace l3link {

class WorkPace {
 public:
  // `spin_us`: how long to look on.
  WorkPace(uint64_t spin_us, uint64_t now_us) : spin_us_(spin_us), changed_us_(now_us) {}

  // A turn that began at `now_us` found work.
  void OnWork(uint64_t now_us) {
    if (std::exchange(working_, true)) return;
    bulk_us_ -= std::min(bulk_us_, (now_us - changed_us_) / kPausesAWork);
    changed_us_ = now_us;
  }

  // One found none. Whether to look on.
  bool OnNothing(uint64_t now_us) {
    if (std::exchange(working_, false)) {
      bulk_us_ = std::min(bulk_us_ + now_us - changed_us_, 2 * kBulkUs);
      changed_us_ = now_us;
    }
    return bulk_us_ < kBulkUs && now_us - changed_us_ < spin_us_;
  }

 private:
  static constexpr uint64_t kBulkUs = 20;
  static constexpr uint64_t kPausesAWork = 8;

  const uint64_t spin_us_;
  bool working_ = false;
  uint64_t changed_us_;  // when working_ did
  uint64_t bulk_us_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_WORK_PACE_H_
