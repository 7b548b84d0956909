// Program sink: verifies that each message of lane i is the seeded payload of (seed, i, its sequence), and answers nothing.
//
// An empty message is a question: the answer is a line of text, "lane 0 verified 1000 wrong 0" (and " first_wrong SEQUENCE"
// where there was one). The same lines go to stderr when the channel closes or the chip ends. On the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_SINK_H_
#define L3LINK_BACKENDS_SIM_CHIP_SINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "backends/sim/chip/responder.h"

namespace l3link {

class Sink : public Responder {
 public:
  Sink(uint64_t seed, uint32_t lanes) : seed_(seed), lanes_(lanes) {}

  absl::optional<uint32_t> AnswerBytes(uint32_t lane, const l3_message& message) const override;
  void Answer(uint32_t lane, const l3_message& message, uint8_t* place) override;
  std::string Summary() const override;

 private:
  struct Lane {
    uint64_t verified = 0;
    uint64_t wrong = 0;
    uint64_t first_wrong = 0;
  };
  std::string Line(uint32_t lane) const;

  const uint64_t seed_;
  std::vector<Lane> lanes_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_SINK_H_
