// A lane as the stream that leased it sees it, and the refusals that name it.
//
// Plain data under the chip worker's lock. The epoch is compared at the point of every write: whoever lost the lease has no
// effect, whatever was still on its way.
#ifndef L3LINK_SERVER_CHANNEL_HELD_LANE_H_
#define L3LINK_SERVER_CHANNEL_HELD_LANE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "backends/host/poison.h"
#include "server/channel/lane_record.h"

namespace l3link {

struct HeldLane {
  LaneRecord* record = nullptr;
  uint64_t epoch = 0;

  uint32_t lane() const { return record->key().lane; }
  bool current() const { return record->epoch() == epoch; }
  std::string Label() const { return LaneLabel(record->key()); }
};

// LANE_POISONED{poison, evidence, published or acked}: how far the lane got before.
absl::Status PoisonRefusal(const LaneKey& key, const Poison& poison, uint64_t position);
// SESSION_SUPERSEDED: the lane has a newer epoch than the one that wrote.
absl::Status StaleEpochRefusal(const HeldLane& lane);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_HELD_LANE_H_
