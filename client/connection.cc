#include "client/connection.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/poller.h"
#include "grpc/support/time.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"

namespace l3link::client {
namespace {

constexpr int kMaxReceiveBytes = (64 << 20) + (1 << 20);

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Streams that are made again wait for the channel (wait_for_ready), so this back-off is the only one: a node that is
  // back is found within half a second. MIN is no back-off, but how long one attempt to connect may take.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetMaxSendMessageSize(-1);
  return arguments;
}

}  // namespace

std::string DefaultTarget() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string state = runtime != nullptr && *runtime != '\0' ? absl::StrCat(runtime, "/l3link")
                                                                   : absl::StrCat("/dev/shm/l3link-", getuid());
  return absl::StrCat("unix:", state, "/l3linkd.sock");
}

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  if (timeout >= absl::Hours(24 * 365)) return;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(absl::ToInt64Nanoseconds(timeout), GPR_TIMESPAN)));
}

struct Connection::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : channel(channel), nodes(channel), channels(channel), memory(channel) {}

  const std::shared_ptr<grpc::Channel> channel;
  v1::NodeService::Stub nodes;
  v1::ChannelService::Stub channels;
  v1::MemoryService::Stub memory;
};

Connection::Connection(std::string target, const ConnectOptions& options, std::shared_ptr<Poller> poller)
    : target_(target.empty() ? DefaultTarget() : std::move(target)),
      options_(options),
      poller_(std::move(poller)),
      name_(target_) {
  Renew(channel_number());
}

Connection::~Connection() = default;

std::shared_ptr<Connection::Stubs> Connection::stubs() const {
  MutexLock lock(mutex_);
  return stubs_;
}

std::shared_ptr<v1::NodeService::Stub> Connection::nodes() const {
  const auto stubs = this->stubs();
  return {stubs, &stubs->nodes};
}

std::shared_ptr<v1::ChannelService::Stub> Connection::channels() const {
  const auto stubs = this->stubs();
  return {stubs, &stubs->channels};
}

std::unique_ptr<RawLaneCall> Connection::PrepareLaneCall(grpc::ClientContext* context) const {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::StreamResponse> stub(channel());
  return stub.PrepareCall(context, "/l3link.v1.ChannelService/Stream", &poller_->queue());
}

std::shared_ptr<v1::MemoryService::Stub> Connection::memory() const {
  const auto stubs = this->stubs();
  return {stubs, &stubs->memory};
}

std::shared_ptr<grpc::Channel> Connection::channel() const { return stubs()->channel; }

uint64_t Connection::channel_number() const {
  MutexLock lock(mutex_);
  return channel_number_;
}

void Connection::Renew(uint64_t silent) {
  std::shared_ptr<Stubs> old;  // let go without the lock
  MutexLock lock(mutex_);
  if (silent != channel_number_) return;
  old = std::move(stubs_);
  stubs_ = std::make_shared<Stubs>(grpc::CreateCustomChannel(target_, grpc::InsecureChannelCredentials(), Arguments()));
  ++channel_number_;
}

absl::Status Connection::Identify() {
  grpc::ClientContext context;
  SetDeadline(context, options_.connect_timeout);
  context.set_wait_for_ready(options_.wait_for_ready);
  v1::GetNodeResponse node;
  const grpc::Status status = nodes()->GetNode(&context, {}, &node);
  if (!status.ok()) return ToStatus(status);
  if (!node.node_name().empty()) name_ = node.node_name();
  return absl::OkStatus();
}

}  // namespace l3link::client
