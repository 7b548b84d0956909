#include "server/server.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace l3link {
namespace {

constexpr absl::Duration kLookForStreams = absl::Milliseconds(10);

constexpr char kHealthName[] = "grpc.health.v1.Health";
constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// Clients ping every 10 s; an own application's keepalive may be somewhat quicker, a flood is not let through.
constexpr int kLeastPingIntervalMs = 4'000;

void SetKeepalive(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
}

void SetLimits(grpc::ServerBuilder& builder, const NodeLimits& limits) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.max_request_bytes));
  builder.SetMaxSendMessageSize(static_cast<int>(limits.max_request_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(limits.max_streams_per_connection));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.max_metadata_bytes));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(limits.handshake_timeout)));
  builder.SetResourceQuota(grpc::ResourceQuota("l3linkd").Resize(limits.memory_quota_bytes));
}

}  // namespace

Server::Server(Node* node, ServerOptions options) : node_(*node), options_(std::move(options)) {}

Server::~Server() { Stop(absl::ZeroDuration()); }

void Server::AddService(grpc::Service* service, const std::string& name, StartStreams start_streams) {
  services_.push_back({service, name, std::move(start_streams)});
}

void Server::Configure(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two daemons must not share a port
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 1);
  builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
  for (int algorithm = GRPC_COMPRESS_NONE + 1; algorithm < GRPC_COMPRESS_ALGORITHMS_COUNT; ++algorithm) {
    builder.SetCompressionAlgorithmSupportStatus(static_cast<grpc_compression_algorithm>(algorithm), false);
  }
  SetKeepalive(builder);
  SetLimits(builder, node_.limits());
}

absl::StatusOr<Endpoints> Server::Start() {
  grpc::EnableDefaultHealthCheckService(false);  // health.h serves it, with reflection
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  Configure(builder);
  const auto credentials = grpc::InsecureServerCredentials();
  if (options_.listen) builder.AddListeningPort(options_.listen->ToString(), credentials, &tcp_port_);
  if (!options_.unix_path.empty()) {
    builder.AddListeningPort(absl::StrCat("unix:", options_.unix_path), credentials, &unix_bound_);
  }
  builder.RegisterService(&health_);
  for (const Added& added : services_) builder.RegisterService(added.service);
  pool_ = std::make_unique<QueuePool>(builder, QueuePool::DefaultCount());
  const mode_t umask_before = umask(0177);  // the socket is ours alone from its first moment
  server_ = builder.BuildAndStart();
  umask(umask_before);
  absl::Status listening = CheckListening();
  if (!listening.ok()) return listening;
  pool_->Start();
  for (const Added& added : services_) {
    if (added.start_streams) added.start_streams(pool_.get());
  }
  for (const Added& added : services_) health_.Set(added.name, true);
  health_.Set(kHealthName, true);
  health_.Set("", true);
  return EndpointsNow();
}

absl::Status Server::CheckListening() const {
  if (options_.listen && tcp_port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.listen->ToString(),
                     ": taken by another process, or not an address of this host; give another "
                     "--listen, or port 0 for a free one"));
  }
  if (!options_.unix_path.empty() && unix_bound_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on unix socket ", options_.unix_path, "; give another --unix"));
  }
  if (server_ == nullptr) return absl::InternalError("gRPC could not build the server; see its messages above");
  return absl::OkStatus();
}

Endpoints Server::EndpointsNow() const {
  Endpoints endpoints{"-", options_.unix_path.empty() ? "-" : options_.unix_path};
  if (options_.listen) {
    ListenAddress address = *options_.listen;
    address.port = static_cast<uint16_t>(tcp_port_);
    endpoints.grpc = address.ToString();
  }
  return endpoints;
}

void Server::Stop(absl::Duration timeout) {
  if (server_ != nullptr && !stopped_) {
    stopped_ = true;
    health_.StopServing();
    const MonoTime deadline = After(MonoNow(), timeout);
    node_.StartDraining(timeout);
    AwaitStreams(deadline);
    const absl::Duration left = std::max(absl::ZeroDuration(), Between(MonoNow(), deadline));
    const auto millis = gpr_time_from_millis(absl::ToInt64Milliseconds(left), GPR_TIMESPAN);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), millis));
    server_->Wait();
  }
  if (pool_ != nullptr) pool_->Stop();
  server_.reset();
  pool_.reset();
}

// While streams finish the node still answers, NOT_SERVING and NODE_DRAINING: gRPC's own shutdown closes the listeners first.
// At the deadline the streams end themselves.
void Server::AwaitStreams(MonoTime deadline) {
  while (node_.streams().used() > 0 && MonoNow() < deadline) absl::SleepFor(kLookForStreams);
}

void Server::CancelCalls() {
  if (server_ != nullptr) grpc_server_cancel_all_calls(server_->c_server());
}

}  // namespace l3link
