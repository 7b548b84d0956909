#include "backends/host/catalogue.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backends/abi/arena_layout.h"

namespace l3link {
namespace {

CatalogueEntry Entry(uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes, const Extent& block,
                     const std::string& name) {
  CatalogueEntry entry = {};
  entry.kind = kind;
  entry.generation = generation;
  entry.offset = offset;
  entry.bytes = bytes;
  entry.block_offset = block.offset;
  entry.block_bytes = block.bytes;
  std::memcpy(entry.name, name.data(), name.size());  // at most 47 bytes: CheckObjectName
  return entry;
}

absl::Status Untrue(const CatalogueEntry& entry) {
  return absl::DataLossError(
      absl::StrCat("the journal is damaged: ", entry.name, " has a config that no node would have opened"));
}

}  // namespace

uint64_t DigestsOf(const ChannelConfig& config, Direction direction) {
  return direction == Direction::kChipToHost ? config.lane.lane_depth : 0;
}

uint64_t JournalOffsetOf(const ChannelConfig& config, Direction direction, uint32_t lane) {
  const uint64_t to_chip = LaneBlockBytes(DigestsOf(config, Direction::kHostToChip));
  if (direction == Direction::kHostToChip) return lane * to_chip;
  return config.host_to_chip_lanes * to_chip + lane * LaneBlockBytes(DigestsOf(config, direction));
}

uint64_t JournalBytesOf(const ChannelConfig& config) {
  return JournalOffsetOf(config, Direction::kChipToHost, config.chip_to_host_lanes);
}

CatalogueEntry CatalogueEntryOf(const HostChannel& channel) {
  const ChannelConfig& config = channel.config();
  CatalogueEntry entry = Entry(L3_OBJECT_CHANNEL, channel.generation(), channel.offset(), channel.bytes(),
                               channel.block(), channel.name());
  entry.size = config.lane.ring_bytes;
  entry.counts[L3_HOST_TO_CHIP] = config.host_to_chip_lanes;
  entry.counts[L3_CHIP_TO_HOST] = config.chip_to_host_lanes;
  entry.lane_depth = config.lane.lane_depth;
  entry.max_message_bytes = config.lane.max_message_bytes;
  entry.alignment = config.lane.alignment;
  entry.checksum = config.lane.checksum ? 1 : 0;
  return entry;
}

CatalogueEntry CatalogueEntryOf(const HostRegion& region) {
  CatalogueEntry entry =
      Entry(L3_OBJECT_REGION, region.generation(), region.offset(), region.bytes(), region.block(), region.name());
  entry.size = region.config().data_bytes;
  entry.counts[0] = region.signal_count();
  return entry;
}

absl::StatusOr<ChannelConfig> ChannelConfigOf(const CatalogueEntry& entry, const ObjectLimits& limits) {
  ChannelConfig config;
  config.host_to_chip_lanes = entry.counts[L3_HOST_TO_CHIP];
  config.chip_to_host_lanes = entry.counts[L3_CHIP_TO_HOST];
  config.lane.lane_depth = entry.lane_depth;
  config.lane.max_message_bytes = entry.max_message_bytes;
  config.lane.ring_bytes = entry.size;
  config.lane.alignment = entry.alignment;
  config.lane.checksum = entry.checksum == 1;
  const absl::StatusOr<ChannelConfig> complete = CompleteChannelConfig(config, limits);
  if (!complete.ok() || !(*complete == config) || entry.bytes != BytesOf(config) || entry.checksum > 1 ||
      entry.block_bytes < JournalBytesOf(config)) {
    return Untrue(entry);
  }
  return config;
}

absl::StatusOr<RegionConfig> RegionConfigOf(const CatalogueEntry& entry, absl::Span<const uint8_t> writers,
                                            const ObjectLimits& limits) {
  RegionConfig config;
  config.data_bytes = entry.size;
  for (uint8_t writer : writers) {
    if (writer < L3_WRITER_HOST || writer > L3_WRITER_BOTH) return Untrue(entry);
    config.signal_writers.push_back(static_cast<SignalWriter>(writer));
  }
  const absl::StatusOr<RegionConfig> complete = CompleteRegionConfig(config, entry.counts[0], limits);
  if (!complete.ok() || !(*complete == config) || entry.bytes != BytesOf(config)) return Untrue(entry);
  return config;
}

}  // namespace l3link
