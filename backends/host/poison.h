// Poison: what is known of a lane or region in which the other side broke the contract of shared memory.
//
// Sticky: the first reason stays, with its evidence, until an operator resets the lane. Users get DATA_LOSS; other lanes
// are not touched; nothing is ever delivered as if it were empty.
#ifndef L3LINK_BACKENDS_HOST_POISON_H_
#define L3LINK_BACKENDS_HOST_POISON_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace l3link {

enum class PoisonReason {
  kTailRange,     // the chip's tail went back, or beyond head + lane_depth
  kHeadRange,     // the chip's head went back, or beyond tail
  kGeometry,      // host-written words of the object were changed (found by the audit)
  kDescriptor,    // sequence, size, place, flags or reserved bits of a descriptor are wrong
  kChecksum,      // the payload is not what its CRC-32C says
  kEquivocation,  // a delivered, unacknowledged message was rewritten
  kArenaGone,     // the arena's file was truncated or removed
  kRecovery,      // positions after a restart do not agree with the journal
};

// "TAIL_RANGE", "HEAD_RANGE", ...: as in LaneState.poison.
absl::string_view PoisonName(PoisonReason reason);

struct Poison {
  PoisonReason reason;
  std::string evidence;  // "tail 900 > head 3 + lane_depth 64"
};

// As the journal has it: 1 + reason. The evidence went with the daemon that found it.
inline Poison FormerPoison(uint64_t journaled) {
  return {static_cast<PoisonReason>(journaled - 1), "poisoned before the node restarted"};
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_POISON_H_
