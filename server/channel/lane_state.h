// What GetChannel, ListChannels and Peek show of a channel and its lanes. Under the chip worker's lock; moves nothing.
#ifndef L3LINK_SERVER_CHANNEL_LANE_STATE_H_
#define L3LINK_SERVER_CHANNEL_LANE_STATE_H_

#include "absl/status/status.h"
#include "backends/host/host_channel.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/lease_table.h"

namespace l3link {

// LANE_NOT_FOUND says how many lanes the direction has.
absl::Status CheckLane(const HostChannel& channel, Direction direction, uint32_t lane);

// Polls the chip's count, so that what is shown is now.
v1::LaneState LaneStateOf(HostChannel& channel, Direction direction, uint32_t lane, const LeaseTable& leases,
                          MonoTime now);

v1::Channel DescribeChannel(uint32_t worker_id, HostChannel& channel, const LeaseTable& leases, MonoTime now);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LANE_STATE_H_
