// How channels and regions stand in the journal's catalogue, and how much of the journal they take.
//
// Called by ObjectTable. Pure.
#ifndef L3LINK_BACKENDS_HOST_CATALOGUE_H_
#define L3LINK_BACKENDS_HOST_CATALOGUE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/host/host_channel.h"
#include "backends/host/host_region.h"
#include "backends/host/journal/chip_journal_layout.h"
#include "backends/host/object_config.h"

namespace l3link {

// Of a channel's block: one lane block each, host_to_chip first.
uint64_t JournalBytesOf(const ChannelConfig& config);
uint64_t JournalOffsetOf(const ChannelConfig& config, Direction direction, uint32_t lane);
// Slots whose digest is kept: what may be delivered and not acknowledged.
uint64_t DigestsOf(const ChannelConfig& config, Direction direction);

CatalogueEntry CatalogueEntryOf(const HostChannel& channel);
CatalogueEntry CatalogueEntryOf(const HostRegion& region);

// What an entry says, if it can be true: DATA_LOSS where it is not what this node would have opened.
absl::StatusOr<ChannelConfig> ChannelConfigOf(const CatalogueEntry& entry, const ObjectLimits& limits);
// `writers`: the bytes of the region's block.
absl::StatusOr<RegionConfig> RegionConfigOf(const CatalogueEntry& entry, absl::Span<const uint8_t> writers,
                                            const ObjectLimits& limits);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_CATALOGUE_H_
