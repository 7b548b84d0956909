#include "server/channel/held_lane.h"

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::Status PoisonRefusal(const LaneKey& key, const Poison& poison, uint64_t position) {
  const absl::string_view name = PoisonName(poison.reason);
  return Refuse(Reason::kLANE_POISONED, absl::StrCat(LaneLabel(key), ": ", name, ": ", poison.evidence),
                {{"lane", absl::StrCat(key.lane)},
                 {"poison", std::string(name)},
                 {"evidence", poison.evidence},
                 {key.direction == Direction::kHostToChip ? "published" : "acked", absl::StrCat(position)}});
}

absl::Status StaleEpochRefusal(const HeldLane& lane) {
  return Refuse(Reason::kSESSION_SUPERSEDED,
                absl::StrCat(lane.Label(), ": epoch ", lane.epoch, " is over, the lane is at ", lane.record->epoch()),
                {{"epoch", absl::StrCat(lane.record->epoch())}});
}

}  // namespace l3link
