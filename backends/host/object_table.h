// The objects of one arena: opens, finds, resets and closes channels and regions, and keeps the directory the chip reads.
//
// Called under the chip worker's lock; sans-IO but for the Platform's Commit and Decommit. Everything it knows is private;
// the directory in shared memory is only ever written. A closed object's or reset lane's range is quarantined until the
// chip acknowledges the directory version of that change, attaches anew, or is known to be gone: a chip with an old view
// can hurt nobody else. Generations are unique in the arena's life and count objects and lanes alike.
#ifndef L3LINK_BACKENDS_HOST_OBJECT_TABLE_H_
#define L3LINK_BACKENDS_HOST_OBJECT_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/abi/arena_layout.h"
#include "backends/host/extent_allocator.h"
#include "backends/host/host_bell.h"
#include "backends/host/host_channel.h"
#include "backends/host/host_region.h"
#include "backends/platform.h"

namespace l3link {

// Told, under the lock, when a region's signals may have changed or the region is closed.
class RegionListener {
 public:
  virtual ~RegionListener() = default;
  virtual void OnRegionActivity(HostRegion& region) = 0;
  virtual void OnRegionGone(HostRegion& region) = 0;
};

struct ObjectLimits {
  uint32_t max_lane_depth = 65536;
  uint32_t max_message_bytes = 64u << 20;
  uint32_t max_lanes = 4096;    // a channel and direction
  uint32_t max_signals = 65536;  // a region
  uint32_t max_objects = 16384;  // the directory's capacity
};

// Fills in the defaults of what a caller asked for (zeros), then checks: INVALID_ARGUMENT_FIELD names field and limit.
absl::StatusOr<ChannelConfig> CompleteChannelConfig(ChannelConfig asked, const ObjectLimits& limits);
absl::StatusOr<RegionConfig> CompleteRegionConfig(RegionConfig asked, uint32_t signal_count, const ObjectLimits& limits);
// 1 to 47 bytes of [A-Za-z0-9._-].
absl::Status CheckObjectName(absl::string_view name);

template <typename Object>
struct Opened {
  std::shared_ptr<Object> object;
  bool created;  // false: it was open already, with the same config
};

class ObjectTable {
 public:
  // `memory` is the whole arena, its header initialised (InitArena in arena_header.h). All outlive the table.
  ObjectTable(absl::Span<std::byte> memory, const ObjectLimits& limits, Platform* platform, HostBell* bell);

  // Configs are complete. An empty name: the table makes one up ("channel-7"). CONFIG_MISMATCH, ARENA_FULL, QUARANTINE_FULL,
  // STATE_SPACE_FULL, LIMIT_REACHED, INVALID_ARGUMENT_FIELD (name); on any of them nothing has changed.
  absl::StatusOr<Opened<HostChannel>> OpenChannel(absl::string_view name, const ChannelConfig& config);
  absl::StatusOr<Opened<HostRegion>> OpenRegion(absl::string_view name, const RegionConfig& config);

  // Generation 0: whichever is open. CHANNEL_NOT_FOUND / REGION_NOT_FOUND, STALE_ID.
  absl::StatusOr<std::shared_ptr<HostChannel>> FindChannel(absl::string_view name, uint64_t generation) const;
  absl::StatusOr<std::shared_ptr<HostRegion>> FindRegion(absl::string_view name, uint64_t generation) const;

  // Tells the listeners, removes the entry, quarantines the range.
  void CloseChannel(HostChannel& channel);
  void CloseRegion(HostRegion& region);
  // The lane is empty, at a fresh place and generation; its listeners have been told. ARENA_FULL, ....
  absl::Status ResetLane(HostChannel& channel, Direction direction, uint32_t lane);

  const absl::btree_map<std::string, std::shared_ptr<HostChannel>>& channels() const { return channels_; }
  const absl::btree_map<std::string, std::shared_ptr<HostRegion>>& regions() const { return regions_; }

  // At most one listener a region; nullptr to stop.
  void SetRegionListener(HostRegion& region, RegionListener* listener);

  // Looks at every lane and region once and tells the listeners of those that were rung (all of them when `everything`).
  // Bounded: one pass. Returns how many were rung.
  int ScanRings(bool everything);

  // Frees quarantined ranges that the chip acknowledged (its words are bounded), or all when it has no view left.
  void ReleaseQuarantine(bool chip_gone);

  // Compares host-written words in shared memory with the private copy: poisons objects whose words were changed (GEOMETRY).
  void Audit();
  // Everything is broken at once: the arena's file is gone or truncated.
  void PoisonAll(PoisonReason reason, absl::string_view evidence);

  uint64_t used_bytes() const;
  uint64_t quarantined_bytes() const;
  uint64_t directory_version() const;

 private:
  // (the implementer's)
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_OBJECT_TABLE_H_
