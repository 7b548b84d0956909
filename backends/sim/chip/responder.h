// What a queue program makes of one message: echo, checksum and sink are these; RespondingChannel does the rest.
//
// One for each channel, on the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_RESPONDER_H_
#define L3LINK_BACKENDS_SIM_CHIP_RESPONDER_H_

#include <cstdint>
#include <string>

#include "absl/types/optional.h"
#include "backends/abi/chip_lane.h"

namespace l3link {

class Responder {
 public:
  virtual ~Responder() = default;

  // How large the answer to a message of host_to_chip lane `lane` is; nullopt: none. Has no effect: it is asked again while
  // the answer has no room.
  virtual absl::optional<uint32_t> AnswerBytes(uint32_t lane, const l3_message& message) const = 0;

  // Works on the message, once, and writes the answer of AnswerBytes to `place`, in the ring (nullptr: none).
  virtual void Answer(uint32_t lane, const l3_message& message, uint8_t* place) = 0;

  virtual std::string Summary() const { return ""; }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_RESPONDER_H_
