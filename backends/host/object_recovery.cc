// ObjectTable after a restart: the objects of an earlier daemon, taken from the journal and never from shared memory.
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/catalogue.h"
#include "backends/host/object_table.h"

namespace l3link {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

absl::Status Overlap(absl::string_view name) {
  return absl::DataLossError(
      absl::StrCat("the journal is damaged: ", name, " lies where something else is, or outside of the arena"));
}

}  // namespace

absl::Status ObjectTable::Recover() {
  absl::StatusOr<JournalContents> contents = journal_->Load();
  if (!contents.ok()) return contents.status();
  for (const auto& [index, entry] : contents->objects) {
    absl::Status status = entry.kind == L3_OBJECT_CHANNEL ? AdoptChannel(index, entry) : AdoptRegion(index, entry);
    if (!status.ok()) return status;
    directory_.Adopt(index, entry.kind, entry.generation, entry.offset, entry.bytes, entry.name);
  }
  AdoptQuarantine(*contents);
  directory_.FinishAdopting(journal_->directory_version());
  PublishDirectory();
  return absl::OkStatus();
}

absl::Status ObjectTable::AdoptChannel(uint32_t index, const CatalogueEntry& entry) {
  const absl::StatusOr<ChannelConfig> config = ChannelConfigOf(entry, limits_);
  if (!config.ok()) return config.status();
  auto channel = std::make_shared<HostChannel>(entry.generation, entry.name, *config, Extent{entry.offset, entry.bytes},
                                               Extent{entry.block_offset, entry.block_bytes});
  const uint64_t lanes = uint64_t{config->host_to_chip_lanes} + config->chip_to_host_lanes;
  if (!space_.Take({entry.offset, l3_channel_head_bytes(lanes)})) return Overlap(entry.name);
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
      absl::Status status = AdoptLane(*channel, direction, i);
      if (!status.ok()) return status;
    }
  }
  channel->directory_index_ = index;
  if (!channels_.emplace(entry.name, std::move(channel)).second) return Overlap(entry.name);
  return absl::OkStatus();
}

absl::Status ObjectTable::AdoptLane(HostChannel& channel, Direction direction, uint32_t index) {
  HostLane& lane = channel.lane(direction, index);
  lane.journal = std::make_unique<LaneJournal>(JournalOf(channel, direction, index));
  const LaneGeometry& geometry = channel.config().lane;
  if (!lane.journal->Load() || lane.journal->hot().generation > journal_->newest_generation() ||
      !space_.Take({lane.journal->hot().offset, l3_lane_bytes(geometry.lane_depth, geometry.ring_bytes)})) {
    return Overlap(absl::StrCat("lane ", index, " of channel ", channel.name()));
  }
  PlaceLane(channel, direction, index);
  // The earlier daemon may have died in the middle of a reset. What is wrong otherwise, the audit finds.
  const l3_lane_entry* entry = LaneEntryOf(channel, direction, index);
  if (l3_load_relaxed_u64(&entry->generation) != lane.generation) WriteLaneEntry(channel, direction, index);
  if (lane.producer) {
    lane.producer->Recover();
  } else {
    lane.consumer->Recover();
  }
  return absl::OkStatus();
}

absl::Status ObjectTable::AdoptRegion(uint32_t index, const CatalogueEntry& entry) {
  const uint32_t signals = entry.counts[0];
  if (entry.block_bytes < RegionJournal::BytesFor(signals)) return Overlap(entry.name);
  std::byte* block = journal_->BlockAt(entry.block_offset);
  const absl::StatusOr<RegionConfig> config = RegionConfigOf(entry, RegionJournal(block, signals).writers(), limits_);
  if (!config.ok()) return config.status();
  if (!space_.Take({entry.offset, entry.bytes})) return Overlap(entry.name);
  const HostRegion::Place place{memory_.data(), entry.offset, block, {entry.block_offset, entry.block_bytes}};
  auto region =
      std::make_shared<HostRegion>(place, entry.generation, entry.name, *config, platform_->traits().shared_rmw, bell_);
  region->Recover();
  region->directory_index_ = index;
  if (!regions_.emplace(entry.name, std::move(region)).second) return Overlap(entry.name);
  return absl::OkStatus();
}

void ObjectTable::AdoptQuarantine(const JournalContents& contents) {
  for (const auto& [place, entry] : contents.quarantined) {
    const Extent extent{entry.offset, entry.bytes};
    if (space_.Take(extent)) {
      quarantine_.Add({{extent}, entry.version, entry.attach_count, nullptr, {}, {place}});
    } else {
      journal_->Unlist({place});  // the earlier daemon died before the object had left it
    }
  }
  if (journal_->unlisted_version() != 0) {
    std::vector<Extent> rest = space_.TakeAll();
    quarantine_.Add(
        {std::move(rest), journal_->unlisted_version(), LoadChipLine(*header_).attach_count, nullptr, {}, {}});
  }
  // Pages of what the earlier daemon had taken, and died before it was anybody's.
  for (const Extent& hole : space_.Holes()) platform_->Decommit(hole.offset, hole.bytes);
}

}  // namespace l3link
