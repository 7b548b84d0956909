// Peek: what waits in a lane, oldest first, without moving anything. Under the chip worker's lock.
#ifndef L3LINK_SERVER_CHANNEL_PEEK_LANE_H_
#define L3LINK_SERVER_CHANNEL_PEEK_LANE_H_

#include <cstdint>

#include "backends/host/host_channel.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

// Fills in up to `max_messages` messages, and no more than a few megabytes of them beyond the first. Stops at a message
// that is not to be believed.
void PeekLane(HostChannel& channel, Direction direction, uint32_t lane, uint32_t max_messages, v1::Form form,
              v1::PeekResponse* response);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_PEEK_LANE_H_
