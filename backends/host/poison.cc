#include "backends/host/poison.h"

namespace l3link {

absl::string_view PoisonName(PoisonReason reason) {
  switch (reason) {
    case PoisonReason::kTailRange: return "TAIL_RANGE";
    case PoisonReason::kHeadRange: return "HEAD_RANGE";
    case PoisonReason::kGeometry: return "GEOMETRY";
    case PoisonReason::kDescriptor: return "DESCRIPTOR";
    case PoisonReason::kChecksum: return "CHECKSUM";
    case PoisonReason::kEquivocation: return "EQUIVOCATION";
    case PoisonReason::kArenaGone: return "ARENA_GONE";
    case PoisonReason::kRecovery: return "RECOVERY";
  }
  return "UNKNOWN";
}

}  // namespace l3link
