#include "backends/host/host_channel.h"

#include <utility>

namespace l3link {

bool ChannelConfig::operator==(const ChannelConfig& other) const {
  return host_to_chip_lanes == other.host_to_chip_lanes && chip_to_host_lanes == other.chip_to_host_lanes &&
         lane.lane_depth == other.lane.lane_depth && lane.max_message_bytes == other.lane.max_message_bytes &&
         lane.ring_bytes == other.lane.ring_bytes && lane.alignment == other.lane.alignment &&
         lane.checksum == other.lane.checksum;
}

void HostLane::SetPoison(PoisonReason reason, std::string evidence) {
  if (producer) {
    producer->SetPoison(reason, std::move(evidence));
  } else {
    consumer->SetPoison(reason, std::move(evidence));
  }
}

HostChannel::HostChannel(uint64_t generation, std::string name, const ChannelConfig& config, const Extent& place,
                         const Extent& block)
    : generation_(generation), name_(std::move(name)), config_(config), place_(place), block_(block) {
  lanes_[0].resize(config.host_to_chip_lanes);
  lanes_[1].resize(config.chip_to_host_lanes);
}

}  // namespace l3link
