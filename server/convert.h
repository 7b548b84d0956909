// The wire's words for channels to the backends' and back. Pure; any thread.
#ifndef L3LINK_SERVER_CONVERT_H_
#define L3LINK_SERVER_CONVERT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/host/host_channel.h"
#include "backends/host/lane_geometry.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

// INVALID_ARGUMENT_FIELD for UNSPECIFIED and unknown values.
absl::StatusOr<Direction> DirectionOf(v1::Direction direction);
v1::Direction ToProto(Direction direction);
// "host_to_chip"
absl::string_view DirectionName(Direction direction);

// Zeros stay zeros (CompleteChannelConfig fills them in); only 0 and 0 lanes become one each.
ChannelConfig ConfigOf(const v1::ChannelConfig& config);
v1::ChannelConfig ToProto(const ChannelConfig& config);

v1::ChannelId IdOf(uint32_t worker_id, const HostChannel& channel);

// "channel 0/echo": for messages.
std::string ChannelLabel(const v1::ChannelId& id);

}  // namespace l3link

#endif  // L3LINK_SERVER_CONVERT_H_
