// Looking up what a request names: worker, channel, lane. Any thread; the channel under its chip worker's lock.
#ifndef L3LINK_SERVER_CHANNEL_FIND_CHANNEL_H_
#define L3LINK_SERVER_CHANNEL_FIND_CHANNEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backends/host/host_channel.h"
#include "backends/worker/chip_worker.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

// CHANNEL_NOT_FOUND, STALE_ID; the message begins with the worker.
absl::StatusOr<std::shared_ptr<HostChannel>> FindChannel(ChipWorker& worker, const v1::ChannelId& id)
    ABSL_NO_THREAD_SAFETY_ANALYSIS;  // the caller holds a ChipLock on `worker`

// A lane of a channel, as ResetLane, ReleaseLease and Peek name it.
struct NamedLane {
  std::shared_ptr<HostChannel> channel;
  Direction direction;
  uint32_t lane;
};
// Also LANE_NOT_FOUND, INVALID_ARGUMENT_FIELD (direction).
absl::StatusOr<NamedLane> FindLane(ChipWorker& worker, const v1::ChannelId& id, v1::Direction direction,
                                   uint32_t lane) ABSL_NO_THREAD_SAFETY_ANALYSIS;

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_FIND_CHANNEL_H_
