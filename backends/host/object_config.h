// What callers may ask of channels and regions: defaults filled in, limits checked, names checked.
//
// Called by the edges before they take any lock. Pure.
#ifndef L3LINK_BACKENDS_HOST_OBJECT_CONFIG_H_
#define L3LINK_BACKENDS_HOST_OBJECT_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/host/host_channel.h"
#include "backends/host/host_region.h"

namespace l3link {

struct ObjectLimits {
  uint32_t max_lane_depth = 65536;
  uint32_t max_message_bytes = 64u << 20;
  uint32_t max_lanes = 4096;     // a channel and direction
  uint32_t max_signals = 65536;  // a region
  uint32_t max_objects = 16384;  // the directory's capacity
};

// Zeros become defaults. INVALID_ARGUMENT_FIELD names field and limit.
absl::StatusOr<ChannelConfig> CompleteChannelConfig(ChannelConfig asked, const ObjectLimits& limits);
// `signal_count` 0: as many as there are writers, else 2. No writers: signal 0 the host's, signal 1 the chip's, further ones
// both.
absl::StatusOr<RegionConfig> CompleteRegionConfig(RegionConfig asked, uint32_t signal_count,
                                                  const ObjectLimits& limits);
// 1 to 47 bytes of [A-Za-z0-9._-].
absl::Status CheckObjectName(absl::string_view name);

// A lane's ring when nobody says otherwise: room for lane_depth largest messages, but no more than 4 MiB once two fit.
uint64_t DefaultRingBytes(uint32_t lane_depth, uint32_t max_message_bytes, uint32_t alignment);

// The first field in which two configs of one kind differ.
struct ConfigDifference {
  std::string field;
  std::string open;
  std::string asked;
};
ConfigDifference Difference(const ChannelConfig& open, const ChannelConfig& asked);
ConfigDifference Difference(const RegionConfig& open, const RegionConfig& asked);

// What an object takes of the arena, whole pages; config complete.
uint64_t BytesOf(const ChannelConfig& config);
uint64_t BytesOf(const RegionConfig& config);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_OBJECT_CONFIG_H_
