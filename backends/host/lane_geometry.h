// A lane's shape: the host's private copy of what the channel was opened with. Never read back from shared memory.
#ifndef L3LINK_BACKENDS_HOST_LANE_GEOMETRY_H_
#define L3LINK_BACKENDS_HOST_LANE_GEOMETRY_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace l3link {

enum class Direction : uint8_t { kHostToChip = 0, kChipToHost = 1 };  // L3_HOST_TO_CHIP, L3_CHIP_TO_HOST

struct LaneGeometry {
  uint32_t lane_depth = 64;  // messages; a power of two
  uint32_t max_message_bytes = 4096;
  uint64_t ring_bytes = 0;  // a multiple of alignment, at least 2 x max_message_bytes aligned up
  uint32_t alignment = 64;  // of payloads: a power of two, 8 to 512
  bool checksum = false;    // descriptors carry a CRC-32C
};

// What a try on a lane came to. Full and empty are answers, not errors.
enum class LaneResult {
  kOk,
  kFull,      // no room now
  kEmpty,     // nothing there now
  kPoisoned,  // see poison(); sticky
};

// A message on its way to the chip. The payload is copied before the call returns.
struct OutgoingMessage {
  uint32_t route = 0;
  uint64_t correlation_id = 0;
  absl::Span<const std::byte> payload;
};

// The checked words of a message from the chip.
struct MessageHeader {
  uint64_t sequence = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  uint32_t payload_bytes = 0;
  bool redelivered = false;  // handed out before, perhaps to another session
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_LANE_GEOMETRY_H_
