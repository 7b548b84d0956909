// What an attach frame asks for: checked, with every default filled in; and which lanes that comes to now.
//
// ReadAttach is pure; ChooseLanes runs under the chip worker's lock.
#ifndef L3LINK_SERVER_CHANNEL_ATTACH_PLAN_H_
#define L3LINK_SERVER_CHANNEL_ATTACH_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "backends/host/host_channel.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/lease_table.h"
#include "server/channel/linger.h"
#include "server/channel/outbound_lane.h"
#include "server/limits.h"

namespace l3link {

struct AttachPlan {
  v1::ChannelId channel;
  absl::optional<v1::LaneSelector> to_chip;
  absl::optional<v1::LaneSelector> to_host;
  std::string principal;  // who asks; not of the frame
  std::string session_id;
  bool session_made_up = false;  // by the node: the client named none
  bool resume = false;
  uint64_t resume_acked = 0;
  bool wait_if_held = false;
  absl::Duration wait = absl::InfiniteDuration();
  absl::Duration lease_ttl;
  LingerEnd linger;
  DeliveryOptions delivery;
};

// INVALID_ARGUMENT_FIELD{field, value, limit}.
absl::StatusOr<AttachPlan> ReadAttach(const v1::Attach& attach, const NodeLimits& limits);

// The lanes to lease, host_to_chip first: LANE_NOT_FOUND, LANES_ALL_HELD. Any free lane is one that this session held last,
// else the lowest.
absl::StatusOr<std::vector<LaneNow>> ChooseLanes(const AttachPlan& plan, const HostChannel& channel,
                                                 LeaseTable& leases);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_ATTACH_PLAN_H_
