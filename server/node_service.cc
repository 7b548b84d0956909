#include "server/node_service.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/answer.h"
#include "server/channel/find_channel.h"
#include "server/channel/lane_state.h"
#include "server/convert.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

// What a client may rely on; a name is never taken away within a major version.
constexpr const char* kFeatures[] = {"forms",  "packed",  "fragments",    "auto_ack",    "linger",
                                     "resume", "watches", "wait_any_all", "request_ids", "unary_exactly_once"};

v1::ChipState ToProto(ChipState state) {
  switch (state) {
    case ChipState::kAbsent: return v1::CHIP_STATE_ABSENT;
    case ChipState::kRunning: return v1::CHIP_STATE_RUNNING;
    case ChipState::kLost: return v1::CHIP_STATE_LOST;
    case ChipState::kUnsupported: return v1::CHIP_STATE_UNSUPPORTED;
  }
  return v1::CHIP_STATE_UNSPECIFIED;
}

std::string LaneLabel(const v1::ChannelId& id, v1::Direction direction, uint32_t lane) {
  const absl::StatusOr<Direction> which = DirectionOf(direction);
  return absl::StrCat(ChannelLabel(id), " ", which.ok() ? DirectionName(*which) : "?", " lane ", lane);
}

}  // namespace

grpc::ServerUnaryReactor* NodeService::GetNode(grpc::CallbackServerContext* context, const v1::GetNodeRequest*,
                                               v1::GetNodeResponse* response) {
  const NodeIdentity& identity = node_.identity();
  response->set_node_name(identity.node_name);
  response->set_version(identity.version);
  response->set_boot_id(identity.boot_id);
  response->set_instance_id(identity.instance_id);
  response->set_uptime_seconds(absl::ToDoubleSeconds(node_.uptime()));
  for (const char* feature : kFeatures) response->add_features(feature);
  std::set<std::string> platforms;
  for (const std::unique_ptr<ChipWorker>& worker : node_.workers()) platforms.insert(worker->traits().platform);
  for (const std::string& platform : platforms) response->add_platforms(platform);
  for (const LimitRow& row : LimitTable(node_.limits())) {
    v1::Limit* limit = response->add_limits();
    limit->set_name(row.name);
    limit->set_default_value(row.default_value);
    limit->set_maximum(row.maximum);
    limit->set_unit(row.unit);
    limit->set_meaning(row.meaning);
  }
  return Answer(context, absl::OkStatus());
}

v1::Chip NodeService::ChipOf(ChipWorker& worker) const {
  ChipLock lock(worker);
  const ChipStatus status = worker.Status();
  v1::Chip chip;
  chip.set_worker_id(status.worker_id);
  chip.set_platform(status.traits.platform);
  chip.set_state(ToProto(status.state));
  chip.set_supported(status.traits.supported);
  chip.set_detail(status.detail);
  chip.set_arena_bytes(status.arena_bytes);
  chip.set_arena_used_bytes(status.used_bytes);
  chip.set_arena_quarantined_bytes(status.quarantined_bytes);
  chip.set_channel_count(status.channel_count);
  chip.set_region_count(status.region_count);
  chip.set_heartbeat_age_ms(static_cast<uint64_t>(absl::ToInt64Milliseconds(status.heartbeat_age)));
  chip.set_attach_count(status.attach_count);
  chip.set_shared_rmw(status.traits.shared_rmw);
  chip.set_chip_can_wake(status.chip_can_wake);
  chip.set_core_count(status.traits.core_count);
  if (status.worker_id < programs_.size()) chip.set_program(programs_[status.worker_id]);
  chip.set_pid(status.presence.pid);
  return chip;
}

grpc::ServerUnaryReactor* NodeService::ListChips(grpc::CallbackServerContext* context, const v1::ListChipsRequest*,
                                                 v1::ListChipsResponse* response) {
  for (const std::unique_ptr<ChipWorker>& worker : node_.workers()) *response->add_chips() = ChipOf(*worker);
  return Answer(context, absl::OkStatus());
}

absl::Status NodeService::Reset(const v1::ResetLaneRequest& request, v1::ResetLaneResponse* response) {
  absl::StatusOr<ChipWorker*> worker = node_.FindWorker(request.channel().worker_id());
  if (!worker.ok()) return worker.status();
  ChipLock lock(**worker);
  absl::StatusOr<NamedLane> named = FindLane(**worker, request.channel(), request.direction(), request.lane());
  if (!named.ok()) return named.status();
  absl::Status reset = (*worker)->objects().ResetLane(*named->channel, named->direction, named->lane);
  if (!reset.ok()) return reset;
  *response->mutable_lane() =
      LaneStateOf(*named->channel, named->direction, named->lane, leases_.of(**worker), MonoNow());
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* NodeService::ResetLane(grpc::CallbackServerContext* context,
                                                 const v1::ResetLaneRequest* request, v1::ResetLaneResponse* response) {
  const absl::Status status = Reset(*request, response);
  spdlog::warn("{} reset by {}: {}", LaneLabel(request->channel(), request->direction(), request->lane()),
               PeerLabel(context->peer()), status.ToString());
  return Answer(context, status);
}

absl::Status NodeService::Release(const v1::ReleaseLeaseRequest& request, v1::ReleaseLeaseResponse* response) {
  absl::StatusOr<ChipWorker*> worker = node_.FindWorker(request.channel().worker_id());
  if (!worker.ok()) return worker.status();
  ChipLock lock(**worker);
  absl::StatusOr<NamedLane> named = FindLane(**worker, request.channel(), request.direction(), request.lane());
  if (!named.ok()) return named.status();
  absl::StatusOr<RetiredSession> retired =
      leases_.of(**worker).ReleaseByOperator(LaneNowOf(*named->channel, named->direction, named->lane), MonoNow());
  if (!retired.ok()) return retired.status();
  response->set_session_id(retired->session_id);
  response->set_principal(retired->principal);
  if (named->direction == Direction::kHostToChip) {
    response->set_published(retired->position);
  } else {
    response->set_acked(retired->position);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* NodeService::ReleaseLease(grpc::CallbackServerContext* context,
                                                    const v1::ReleaseLeaseRequest* request,
                                                    v1::ReleaseLeaseResponse* response) {
  const absl::Status status = Release(*request, response);
  spdlog::warn("{} released by {} from session '{}' of '{}': {}",
               LaneLabel(request->channel(), request->direction(), request->lane()), PeerLabel(context->peer()),
               response->session_id(), response->principal(), status.ToString());
  return Answer(context, status);
}

}  // namespace l3link
