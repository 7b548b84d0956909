#include "server/channel/lane_state.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/convert.h"

namespace l3link {
namespace {

void FillCounts(LaneProducer& producer, v1::LaneState* state) {
  if (producer.PollConsumed() == LaneResult::kPoisoned) {  // shown below; the counts are the last good ones
  }
  state->set_published(producer.published());
  state->set_consumed(producer.consumed());
  state->set_bytes(producer.published_bytes());
  state->set_full_count(producer.full_count());
}

void FillCounts(LaneConsumer& consumer, v1::LaneState* state) {
  if (consumer.Poll() == LaneResult::kPoisoned) {
  }
  state->set_published(consumer.published());
  state->set_consumed(consumer.acked());
  state->set_delivered(consumer.delivered());
  state->set_bytes(consumer.delivered_bytes());
}

}  // namespace

absl::Status CheckLane(const HostChannel& channel, Direction direction, uint32_t lane) {
  const uint32_t count = channel.lane_count(direction);
  if (lane < count) return absl::OkStatus();
  return Refuse(Reason::kLANE_NOT_FOUND,
                absl::StrCat("channel ", channel.name(), ": ", DirectionName(direction), " lane ", lane, " of ", count),
                {{"channel", channel.name()},
                 {"direction", std::string(DirectionName(direction))},
                 {"lane", absl::StrCat(lane)},
                 {"lane_count", absl::StrCat(count)}});
}

v1::LaneState LaneStateOf(HostChannel& channel, Direction direction, uint32_t lane, const LeaseTable& leases,
                          MonoTime now) {
  HostLane& host_lane = channel.lane(direction, lane);
  v1::LaneState state;
  state.set_direction(ToProto(direction));
  state.set_lane(lane);
  state.set_generation(host_lane.generation);
  host_lane.producer ? FillCounts(*host_lane.producer, &state) : FillCounts(*host_lane.consumer, &state);
  const LeaseView lease = leases.View({channel.generation(), direction, lane}, now);
  state.set_session_id(lease.session_id);
  state.set_principal(lease.principal);
  state.set_epoch(lease.epoch);
  state.set_lease_expires_ms(static_cast<uint64_t>(absl::ToInt64Milliseconds(lease.expires_in)));
  if (const auto& poison = host_lane.poison()) {
    state.set_poisoned(true);
    state.set_poison(std::string(PoisonName(poison->reason)));
    state.set_evidence(poison->evidence);
  }
  return state;
}

v1::Channel DescribeChannel(uint32_t worker_id, HostChannel& channel, const LeaseTable& leases, MonoTime now) {
  v1::Channel described;
  *described.mutable_id() = IdOf(worker_id, channel);
  *described.mutable_config() = ToProto(channel.config());
  described.set_bytes(channel.bytes());
  for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
    for (uint32_t lane = 0; lane < channel.lane_count(direction); ++lane) {
      *described.add_lanes() = LaneStateOf(channel, direction, lane, leases, now);
    }
  }
  return described;
}

}  // namespace l3link
