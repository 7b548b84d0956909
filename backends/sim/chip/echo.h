// Program echo: answers each message with its own payload. On the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_ECHO_H_
#define L3LINK_BACKENDS_SIM_CHIP_ECHO_H_

#include <cstring>

#include "backends/sim/chip/responder.h"

namespace l3link {

class Echo : public Responder {
 public:
  absl::optional<uint32_t> AnswerBytes(uint32_t, const l3_message& message) const override {
    return message.payload_bytes;
  }
  void Answer(uint32_t, const l3_message& message, uint8_t* place) override {
    if (place != nullptr && message.payload_bytes > 0) memcpy(place, message.payload, message.payload_bytes);
  }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_ECHO_H_
