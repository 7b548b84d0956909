#include "server/channel/channel_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/object_config.h"
#include "backends/host/refusal.h"
#include "server/answer.h"
#include "server/channel/close_channel.h"
#include "server/channel/find_channel.h"
#include "server/channel/lane_state.h"
#include "server/channel/peek_lane.h"
#include "server/convert.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

constexpr uint32_t kDefaultPeek = 16;

absl::Status Open(Node& node, Leases& leases, const v1::OpenChannelRequest& request,
                  v1::OpenChannelResponse* response) {
  absl::Status serving = node.CheckNotDraining();
  if (!serving.ok()) return serving;
  absl::StatusOr<ChipWorker*> worker = node.FindWorker(request.worker_id());
  if (!worker.ok()) return worker.status();
  absl::Status supported = (*worker)->CheckSupported();
  if (!supported.ok()) return supported;
  absl::StatusOr<ChannelConfig> config = CompleteChannelConfig(ConfigOf(request.config()), node.limits().objects);
  if (!config.ok()) return config.status();
  absl::Status name = request.name().empty() ? absl::OkStatus() : CheckObjectName(request.name());
  if (!name.ok()) return name;
  ChipLock lock(**worker);
  absl::StatusOr<Opened<HostChannel>> opened = (*worker)->objects().OpenChannel(request.name(), *config);
  if (!opened.ok()) return opened.status();
  *response->mutable_channel() = DescribeChannel(request.worker_id(), *opened->object, leases.of(**worker), MonoNow());
  response->set_created(opened->created);
  return absl::OkStatus();
}

absl::Status Get(Node& node, Leases& leases, const v1::GetChannelRequest& request, v1::GetChannelResponse* response) {
  absl::StatusOr<ChipWorker*> worker = node.FindWorker(request.channel().worker_id());
  if (!worker.ok()) return worker.status();
  ChipLock lock(**worker);
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(**worker, request.channel());
  if (!channel.ok()) return channel.status();
  *response->mutable_channel() =
      DescribeChannel(request.channel().worker_id(), **channel, leases.of(**worker), MonoNow());
  return absl::OkStatus();
}

void ListOf(ChipWorker& worker, Leases& leases, v1::ListChannelsResponse* response) {
  ChipLock lock(worker);
  for (const auto& [name, channel] : worker.objects().channels()) {
    *response->add_channels() = DescribeChannel(worker.worker_id(), *channel, leases.of(worker), MonoNow());
  }
}

absl::Status List(Node& node, Leases& leases, const v1::ListChannelsRequest& request,
                  v1::ListChannelsResponse* response) {
  if (request.has_worker_id()) {
    absl::StatusOr<ChipWorker*> worker = node.FindWorker(request.worker_id());
    if (!worker.ok()) return worker.status();
    if ((*worker)->CheckSupported().ok()) ListOf(**worker, leases, response);
    return absl::OkStatus();
  }
  for (const std::unique_ptr<ChipWorker>& worker : node.workers()) {
    if (worker->CheckSupported().ok()) ListOf(*worker, leases, response);
  }
  return absl::OkStatus();
}

absl::Status PeekInto(Node& node, Leases& leases, const v1::PeekRequest& request, v1::PeekResponse* response) {
  if (request.form() == v1::FORM_PACKED) {
    return Refuse(Reason::kINVALID_ARGUMENT_FIELD, "form PACKED is for streams; use TEXT, HEX or DATA",
                  {{"field", "form"}, {"value", "FORM_PACKED"}});
  }
  absl::StatusOr<ChipWorker*> worker = node.FindWorker(request.channel().worker_id());
  if (!worker.ok()) return worker.status();
  const v1::Direction direction =
      request.direction() == v1::DIRECTION_UNSPECIFIED ? v1::DIRECTION_CHIP_TO_HOST : request.direction();
  const uint32_t most = request.max_messages() == 0 ? kDefaultPeek : request.max_messages();
  ChipLock lock(**worker);
  absl::StatusOr<NamedLane> named = FindLane(**worker, request.channel(), direction, request.lane());
  if (!named.ok()) return named.status();
  PeekLane(*named->channel, named->direction, named->lane, std::min(most, node.limits().max_unary_messages),
           request.form(), response);
  *response->mutable_lane() =
      LaneStateOf(*named->channel, named->direction, named->lane, leases.of(**worker), MonoNow());
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ChannelService::OpenChannel(grpc::CallbackServerContext* context,
                                                      const v1::OpenChannelRequest* request,
                                                      v1::OpenChannelResponse* response) {
  const absl::Status status = Open(node_, leases_, *request, response);
  if (status.ok() && response->created()) {
    spdlog::info("{} opened by {}, {} bytes", ChannelLabel(response->channel().id()), PeerLabel(context->peer()),
                 response->channel().bytes());
  }
  return Answer(context, status);
}

grpc::ServerUnaryReactor* ChannelService::GetChannel(grpc::CallbackServerContext* context,
                                                     const v1::GetChannelRequest* request,
                                                     v1::GetChannelResponse* response) {
  return Answer(context, Get(node_, leases_, *request, response));
}

grpc::ServerUnaryReactor* ChannelService::ListChannels(grpc::CallbackServerContext* context,
                                                       const v1::ListChannelsRequest* request,
                                                       v1::ListChannelsResponse* response) {
  return Answer(context, List(node_, leases_, *request, response));
}

grpc::ServerUnaryReactor* ChannelService::CloseChannel(grpc::CallbackServerContext* context,
                                                       const v1::CloseChannelRequest* request,
                                                       v1::CloseChannelResponse* response) {
  return StartCloseChannel(node_, leases_, context, request, response);
}

grpc::ServerUnaryReactor* ChannelService::Peek(grpc::CallbackServerContext* context, const v1::PeekRequest* request,
                                               v1::PeekResponse* response) {
  return Answer(context, PeekInto(node_, leases_, *request, response));
}

}  // namespace l3link
