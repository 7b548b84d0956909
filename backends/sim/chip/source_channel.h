// Program source: fills every chip_to_host lane of a channel with the seeded payloads of (seed, lane, sequence).
//
// Owned by ChipLoop, on the chip's one thread. The sequence is the lane's own, so a source that starts again goes on where
// its predecessor's last publish ended; a lane that was reset begins at 0. Route = lane, correlation id = sequence.
#ifndef L3LINK_BACKENDS_SIM_CHIP_SOURCE_CHANNEL_H_
#define L3LINK_BACKENDS_SIM_CHIP_SOURCE_CHANNEL_H_

#include <vector>

#include "backends/abi/chip_send.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/servant.h"

namespace l3link {

class SourceChannel : public Servant {
 public:
  struct Config {
    uint64_t seed = 1;
    uint32_t message_bytes = 64;  // cut to the channel's max_message_bytes
    uint64_t count = 0;           // messages a lane; 0: without end
  };

  // `faults` outlives this.
  SourceChannel(const l3_channel& channel, const Config& config, Faults* faults);

  bool Work(uint64_t now_us, bool everything) override;
  bool Ready(uint64_t now_us, uint64_t* due_us) override;
  bool Refresh() override;

 private:
  struct Lane {
    l3_sender sender = {};
    bool open = false;
    Delay delay;
  };
  bool Finished(const Lane& lane) const { return config_.count != 0 && lane.sender.staged >= config_.count; }
  bool WorkLane(uint32_t index, uint64_t now_us);
  void OpenLanes();

  l3_channel channel_;
  Config config_;
  Faults* const faults_;
  std::vector<Lane> lanes_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_SOURCE_CHANNEL_H_
