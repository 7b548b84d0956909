// Serves one channel by a Responder: takes messages of every host_to_chip lane, answers those of lane i on chip_to_host lane
// i % lane_count with their route and correlation id.
//
// Owned by ChipLoop, on the chip's one thread. When the answer has no room the message stays untaken and other lanes go on.
// A turn is at most a batch a lane, beginning at another lane each time.
//
// Neither loses nor doubles across its own death: before it publishes answers it notes, in the lane's consumer line, how
// far they answer and what the reply lane's tail will be; opening the lane again finds out whether they were published,
// and then only gives the room back.
#ifndef L3LINK_BACKENDS_SIM_CHIP_RESPONDING_CHANNEL_H_
#define L3LINK_BACKENDS_SIM_CHIP_RESPONDING_CHANNEL_H_

#include <memory>
#include <vector>

#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/responder.h"
#include "backends/sim/chip/servant.h"

namespace l3link {

class RespondingChannel : public Servant {
 public:
  // `faults` outlives this.
  RespondingChannel(const l3_channel& channel, std::unique_ptr<Responder> responder, Faults* faults);

  bool Work(uint64_t now_us, bool everything) override;
  bool Ready(uint64_t now_us, uint64_t* due_us) override;
  bool Refresh() override;
  std::string Summary() const override { return responder_->Summary(); }

 private:
  struct InLane {
    l3_receiver receiver = {};
    bool open = false;
    uint64_t broken_generation = 0;  // of the lane, when its words contradicted each other
    bool wants_room = false;         // its next answer had no room,
    uint32_t wanted_bytes = 0;       // and was so large
    Delay delay;
  };
  struct OutLane {
    l3_sender sender = {};
    bool open = false;
  };

  OutLane* ReplyLane(uint32_t lane);
  // Room for the answer, reserved; a null *place: there is no answer. L3_AGAIN or another code of l3_reserve.
  int PlaceAnswer(uint32_t lane, OutLane* out, const l3_message& message, uint8_t** place);
  bool WorkLane(uint32_t lane, uint64_t now_us);
  void OpenLanes();
  void FinishPredecessorsWork(InLane* in, const OutLane* out);
  void Close(InLane* in, int code);

  l3_channel channel_;
  const std::unique_ptr<Responder> responder_;
  Faults* const faults_;
  std::vector<InLane> in_;
  std::vector<uint64_t> hot_until_us_;  // by lane; apart from the lanes, to be passed over quickly
  std::vector<OutLane> out_;
  uint32_t first_lane_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_RESPONDING_CHANNEL_H_
