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
#include "backends/host/arena_header.h"
#include "backends/host/directory_writer.h"
#include "backends/host/extent_allocator.h"
#include "backends/host/host_bell.h"
#include "backends/host/host_channel.h"
#include "backends/host/host_region.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/host/object_config.h"
#include "backends/host/quarantine.h"
#include "backends/platform.h"

namespace l3link {

template <typename Object>
struct Opened {
  std::shared_ptr<Object> object;
  bool created;  // false: it was open already, with the same config
};

class ObjectTable {
 public:
  // `memory` is the whole arena, its header initialised (InitArena in arena_header.h); `journal` is of this arena. All outlive
  // the table.
  ObjectTable(absl::Span<std::byte> memory, const ObjectLimits& limits, Platform* platform, HostBell* bell,
              ChipJournal* journal);

  // Once, first: instead of nothing, the objects that an earlier daemon left, as the journal has them. Whatever in shared
  // memory does not agree is poison of that lane or region. DATA_LOSS: the journal contradicts itself, nothing can be used.
  absl::Status Recover();

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

  // At most one listener a region; nullptr to stop. Asks the chip to ring: signals tested from now on are not missed.
  void SetRegionListener(HostRegion& region, RegionListener* listener);

  // Looks once at every lane and region that somebody listens to, and tells the listeners of those that were rung (all of
  // them when `everything`). Bounded: one pass. Returns how many listeners were told.
  int ScanRings(bool everything);

  // Frees quarantined ranges that the chip acknowledged (its words are bounded), or all when it has no view left.
  void ReleaseQuarantine(bool chip_gone);

  // Compares host-written words in shared memory with the private copy, and the chip's counts with what is legal: poisons
  // objects where they are wrong, and tells their listeners. Goes on where the last call ended, through at most `most_lanes`
  // lanes and regions; the default is everything.
  void Audit(size_t most_lanes = SIZE_MAX);
  // Everything is broken at once, for good: the arena's file is gone or truncated. Opens and resets answer CHIP_LOST from now on.
  void PoisonAll(PoisonReason reason, absl::string_view evidence);

  uint64_t used_bytes() const;
  uint64_t quarantined_bytes() const;
  uint64_t directory_version() const;

 private:
  // A fresh, committed, zeroed extent. ARENA_FULL, QUARANTINE_FULL, STATE_SPACE_FULL; `what` for the message.
  absl::StatusOr<Extent> Take(uint64_t bytes, absl::string_view what);
  void GiveBack(Extent extent);
  // The chip may still look at these until it acknowledges the next version. Before the change itself; then PublishDirectory.
  void Retire(std::vector<Extent> extents, std::shared_ptr<const void> owner, const Extent& block);
  absl::StatusOr<Extent> TakeBlock(uint64_t bytes, const Extent& given_back_on_error);

  absl::Status CheckOpen(absl::string_view name) const;
  // CHIP_LOST once the arena's memory is gone; to be asked before and after it is touched.
  absl::Status CheckArena(absl::string_view what);
  std::string MadeUpName(absl::string_view kind);
  void BuildLane(HostChannel& channel, Direction direction, uint32_t lane, uint64_t offset);
  LaneJournal JournalOf(const HostChannel& channel, Direction direction, uint32_t lane) const;
  void PlaceLane(HostChannel& channel, Direction direction, uint32_t lane);
  void WriteLaneEntry(const HostChannel& channel, Direction direction, uint32_t lane);
  void WriteGeometry(const HostChannel& channel);
  l3_lane_entry* LaneEntryOf(const HostChannel& channel, Direction direction, uint32_t lane) const;
  std::vector<Extent> ExtentsOf(const HostChannel& channel) const;
  void PublishDirectory();

  absl::Status AdoptChannel(uint32_t index, const CatalogueEntry& entry);
  absl::Status AdoptLane(HostChannel& channel, Direction direction, uint32_t lane);
  absl::Status AdoptRegion(uint32_t index, const CatalogueEntry& entry);
  void AdoptQuarantine(const JournalContents& contents);

  bool GeometryIsIntact(const HostChannel& channel) const;
  size_t AuditChannel(HostChannel& channel);
  void AuditLane(HostChannel& channel, Direction direction, uint32_t lane);
  void AuditRegion(HostRegion& region);

  const absl::Span<std::byte> memory_;
  l3_arena_header* const header_;
  const ObjectLimits limits_;
  Platform* const platform_;
  HostBell* const bell_;
  ChipJournal* const journal_;
  ExtentAllocator space_;
  Quarantine quarantine_;
  DirectoryWriter directory_;
  absl::btree_map<std::string, std::shared_ptr<HostChannel>> channels_;
  absl::btree_map<std::string, std::shared_ptr<HostRegion>> regions_;
  uint64_t made_up_names_ = 0;
  std::string all_poisoned_;     // why; empty: not
  std::string audited_channel_;  // where the audit goes on
  std::string audited_region_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_OBJECT_TABLE_H_
