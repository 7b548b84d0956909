#include "server/server.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_posix.h>

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
  if (absl::Status listening = Listen(); !listening.ok()) return listening;
  grpc::ServerBuilder builder;
  Configure(builder);
  tcp_acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
  builder.RegisterService(&health_);
  for (const Added& added : services_) builder.RegisterService(added.service);
  pool_ = std::make_unique<QueuePool>(builder, QueuePool::DefaultCount());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC could not build the server; see its messages above");
  pool_->Start();
  for (const Added& added : services_) {
    if (added.start_streams) added.start_streams(pool_.get());
  }
  for (const Added& added : services_) health_.Set(added.name, true);
  health_.Set(kHealthName, true);
  health_.Set("", true);
  if (absl::Status taking = TakeConnections(); !taking.ok()) return taking;
  return EndpointsNow();
}

absl::Status Server::Listen() {
  if (options_.listen) {
    absl::StatusOr<ListeningSockets> tcp =
        ListeningSockets::Tcp(*options_.listen, absl::Milliseconds(kKeepaliveTimeoutMs));
    if (!tcp.ok()) return tcp.status();
    tcp_ = *std::move(tcp);
  }
  if (!options_.unix_path.empty()) {
    absl::StatusOr<ListeningSockets> local = ListeningSockets::Unix(options_.unix_path);
    if (!local.ok()) return local.status();
    unix_ = *std::move(local);
  }
  return absl::OkStatus();
}

absl::Status Server::TakeConnections() {
  std::vector<AcceptLoop::Door> doors;
  for (const int listener : tcp_.fds()) {
    doors.push_back({listener, [this](int from, int fd) {
                       grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
                       connection.listener_fd = from;
                       connection.fd = fd;
                       tcp_acceptor_->HandleNewConnection(&connection);
                     }});
  }
  for (const int listener : unix_.fds()) {
    doors.push_back({listener, [this](int, int fd) { grpc::AddInsecureChannelFromFd(server_.get(), fd); }});
  }
  return accept_loop_.Start(std::move(doors));
}

Endpoints Server::EndpointsNow() const {
  Endpoints endpoints{"-", options_.unix_path.empty() ? "-" : options_.unix_path};
  if (options_.listen) {
    ListenAddress address = *options_.listen;
    address.port = tcp_.port();
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
    accept_loop_.Stop();
    tcp_.Close();
    unix_.Close();
    const absl::Duration left = std::max(absl::ZeroDuration(), Between(MonoNow(), deadline));
    const auto millis = gpr_time_from_millis(absl::ToInt64Milliseconds(left), GPR_TIMESPAN);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), millis));
    server_->Wait();
  }
  if (pool_ != nullptr) pool_->Stop();
  server_.reset();
  pool_.reset();
}

// While streams finish the node still takes connections and answers, NOT_SERVING and NODE_DRAINING.
// At the deadline the streams end themselves.
void Server::AwaitStreams(MonoTime deadline) {
  while (node_.streams().used() > 0 && MonoNow() < deadline) absl::SleepFor(kLookForStreams);
}

void Server::CancelCalls() {
  if (server_ != nullptr) grpc_server_cancel_all_calls(server_->c_server());
}

}  // namespace l3link
