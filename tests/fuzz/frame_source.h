// Frames as a fuzzer's input says: bytes as they come off the wire, or built nearly right. Pure.
#ifndef L3LINK_TESTS_FUZZ_FRAME_SOURCE_H_
#define L3LINK_TESTS_FUZZ_FRAME_SOURCE_H_

#include <optional>
#include <string>
#include <vector>

#include "l3link/v1/channel.pb.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {

// One message of a frame.
struct FrameMessage {
  std::string payload;
  uint32_t route = 0;
  uint64_t correlation_id = 0;

  bool operator==(const FrameMessage&) const = default;
};

// Where the next frame goes on, for input to be near to.
struct FrameHint {
  uint64_t next_sequence = 0;
  uint64_t fragment_offset = 0;  // of the message under way; 0: none
  uint64_t fragment_total = 0;
};

v1::Messages NextFrame(FuzzInput& input, const FrameHint& hint);

// The messages of a packed frame, read by this file's own eyes; nothing where its arrays do not agree.
std::optional<std::vector<FrameMessage>> Unpacked(const v1::PackedMessages& packed);
// The same of a frame of entries; nothing where a hex body is none.
std::optional<std::vector<FrameMessage>> Entries(const v1::Messages& frame);

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_FRAME_SOURCE_H_
