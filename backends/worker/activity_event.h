// What a blocking in-process call sleeps on: set whenever a lane, region or chip that it listens to may have changed.
//
// The listener calls come under the chip worker's lock, from any thread; Wait is called without it. The event's own lock is
// a leaf. std::condition_variable: timed waits must not depend on the wall clock.
#ifndef L3LINK_BACKENDS_WORKER_ACTIVITY_EVENT_H_
#define L3LINK_BACKENDS_WORKER_ACTIVITY_EVENT_H_

#include <condition_variable>
#include <mutex>
#include <string>

#include "backends/host/host_channel.h"
#include "backends/host/host_region.h"
#include "backends/host/mono_time.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

class ActivityEvent : public LaneListener, public RegionListener, public ChipListener {
 public:
  void OnLaneActivity() override { Set(); }
  void OnLaneGone(bool) override { Set(); }
  void OnRegionActivity(HostRegion&) override { Set(); }
  void OnRegionGone(HostRegion&) override { Set(); }
  void OnChipState(ChipState, const std::string&) override { Set(); }

  void Set() {
    std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }

  // Until it was set since the last Wait, or the deadline has passed (false).
  bool Wait(MonoTime deadline) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (deadline == kNever) {
      changed_.wait(lock, [this] { return set_; });
    } else {
      changed_.wait_until(lock, deadline, [this] { return set_; });
    }
    return std::exchange(set_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_ACTIVITY_EVENT_H_
