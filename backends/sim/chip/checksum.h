// Program checksum: answers each message with the CRC-32C of its payload, 4 bytes, little-endian. On the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_CHECKSUM_H_
#define L3LINK_BACKENDS_SIM_CHIP_CHECKSUM_H_

#include "backends/abi/crc32c.h"
#include "backends/sim/chip/responder.h"

namespace l3link {

class Checksum : public Responder {
 public:
  absl::optional<uint32_t> AnswerBytes(uint32_t, const l3_message&) const override { return 4; }
  void Answer(uint32_t, const l3_message& message, uint8_t* place) override {
    if (place == nullptr) return;
    const uint32_t crc = l3_crc32c(message.payload, message.payload_bytes);
    for (int byte = 0; byte < 4; ++byte) place[byte] = static_cast<uint8_t>(crc >> (8 * byte));
  }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_CHECKSUM_H_
