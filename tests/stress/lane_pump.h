// Pushes numbered messages through one lane pair of an echoing chip as fast as they go, and checks each that comes back.
#ifndef L3LINK_TESTS_STRESS_LANE_PUMP_H_
#define L3LINK_TESTS_STRESS_LANE_PUMP_H_

#include <cstdint>
#include <string>

#include "backends/worker/activity_event.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

// One thread, one lane index of both directions; takes the chip's lock for a batch at a time.
class LanePump {
 public:
  LanePump(ChipWorker* worker, HostChannel* channel, uint32_t lane, uint32_t payload_bytes);
  ~LanePump();

  // Until `count` messages have come back. Empty, or the first thing that was wrong: lost, doubled, reordered, changed, or
  // nothing moved for a minute.
  std::string Run(uint64_t count);

 private:
  // Under the lock; each returns how many moved.
  uint64_t SendSome(uint64_t count);
  uint64_t ReceiveSome(std::string* fault);

  void Fill(uint64_t number);

  ChipWorker& worker_;
  HostChannel& channel_;
  const uint32_t lane_;
  ActivityEvent event_;
  std::string expected_;
  std::string payload_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_STRESS_LANE_PUMP_H_
