#include "server/convert.h"

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::StatusOr<Direction> DirectionOf(v1::Direction direction) {
  switch (direction) {
    case v1::DIRECTION_HOST_TO_CHIP: return Direction::kHostToChip;
    case v1::DIRECTION_CHIP_TO_HOST: return Direction::kChipToHost;
    default: break;
  }
  return Refuse(
      Reason::kINVALID_ARGUMENT_FIELD,
      absl::StrCat("direction ", static_cast<int>(direction), ": HOST_TO_CHIP (1) or CHIP_TO_HOST (2) expected"),
      {{"field", "direction"}, {"value", absl::StrCat(static_cast<int>(direction))}});
}

v1::Direction ToProto(Direction direction) {
  return direction == Direction::kHostToChip ? v1::DIRECTION_HOST_TO_CHIP : v1::DIRECTION_CHIP_TO_HOST;
}

absl::string_view DirectionName(Direction direction) {
  return direction == Direction::kHostToChip ? "host_to_chip" : "chip_to_host";
}

ChannelConfig ConfigOf(const v1::ChannelConfig& config) {
  ChannelConfig result;
  const bool no_lanes = config.host_to_chip_lanes() == 0 && config.chip_to_host_lanes() == 0;
  result.host_to_chip_lanes = no_lanes ? 1 : config.host_to_chip_lanes();
  result.chip_to_host_lanes = no_lanes ? 1 : config.chip_to_host_lanes();
  result.lane.lane_depth = config.lane_depth();
  result.lane.max_message_bytes = config.max_message_bytes();
  result.lane.ring_bytes = config.payload_ring_bytes();
  result.lane.alignment = config.alignment();
  result.lane.checksum = config.checksum();
  return result;
}

v1::ChannelConfig ToProto(const ChannelConfig& config) {
  v1::ChannelConfig result;
  result.set_host_to_chip_lanes(config.host_to_chip_lanes);
  result.set_chip_to_host_lanes(config.chip_to_host_lanes);
  result.set_lane_depth(config.lane.lane_depth);
  result.set_max_message_bytes(config.lane.max_message_bytes);
  result.set_payload_ring_bytes(config.lane.ring_bytes);
  result.set_alignment(config.lane.alignment);
  result.set_checksum(config.lane.checksum);
  return result;
}

v1::ChannelId IdOf(uint32_t worker_id, const HostChannel& channel) {
  v1::ChannelId id;
  id.set_worker_id(worker_id);
  id.set_name(channel.name());
  id.set_generation(channel.generation());
  return id;
}

std::string ChannelLabel(const v1::ChannelId& id) { return absl::StrCat("channel ", id.worker_id(), "/", id.name()); }

}  // namespace l3link
