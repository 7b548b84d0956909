#include "client/cli/node_connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace l3link::cli {
namespace {

constexpr int kMaxAnswerBytes = 256 << 20;  // a listing of thousands of lanes, or one largest message, with room

// A blackholed address never refuses: after this long it counts as unreachable, whatever --timeout allows.
constexpr absl::Duration kConnectTimeout = absl::Seconds(5);

gpr_timespec MonotonicIn(absl::Duration timeout) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(absl::ToInt64Microseconds(timeout), GPR_TIMESPAN));
}

grpc::Status Unreachable(const std::string& target, absl::string_view why) {
  return {grpc::StatusCode::UNAVAILABLE, absl::StrCat("no node at ", target, ": ", why)};
}

// The path of a unix target, else empty.
std::string SocketPath(const std::string& target) {
  absl::string_view path = target;
  if (!absl::ConsumePrefix(&path, "unix:")) return "";
  if (absl::StartsWith(path, "//")) path.remove_prefix(2);
  return std::string(path);
}

}  // namespace

std::string ResolveTarget(const std::string& flag) {
  if (!flag.empty()) return flag;
  if (const char* target = getenv("L3LINK_TARGET"); target != nullptr && *target != '\0') return target;
  const char* runtime = getenv("XDG_RUNTIME_DIR");
  const std::string state_dir = runtime != nullptr && *runtime != '\0' ? absl::StrCat(runtime, "/l3link")
                                                                       : absl::StrCat("/dev/shm/l3link-", getuid());
  return absl::StrCat("unix:", state_dir, "/l3linkd.sock");
}

NodeConnection::NodeConnection(std::string target, absl::Duration timeout, Interrupt& interrupt)
    : target_(std::move(target)), timeout_(timeout), interrupt_(interrupt) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a cluster's own nodes are not behind the web's proxy
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  channel_ = grpc::CreateCustomChannel(target_, grpc::InsecureChannelCredentials(), arguments);
  node_ = v1::NodeService::NewStub(channel_);
  channels_ = v1::ChannelService::NewStub(channel_);
  memory_ = v1::MemoryService::NewStub(channel_);
  health_ = grpc::health::v1::Health::NewStub(channel_);
}

grpc::Status NodeConnection::Connect(absl::Duration timeout) {
  const std::string socket = SocketPath(target_);
  if (!socket.empty() && access(socket.c_str(), F_OK) != 0) return Unreachable(target_, "no such socket");
  const gpr_timespec deadline = MonotonicIn(std::min(timeout, kConnectTimeout));
  grpc_connectivity_state state = channel_->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    if (interrupt_.requested()) return {grpc::StatusCode::CANCELLED, "interrupted"};
    const gpr_timespec soon = gpr_time_min(deadline, MonotonicIn(absl::Milliseconds(200)));
    if (!channel_->WaitForStateChange(state, soon) && gpr_time_cmp(gpr_now(GPR_CLOCK_MONOTONIC), deadline) >= 0) {
      return Unreachable(target_, "it does not answer");
    }
    state = channel_->GetState(true);
  }
  return grpc::Status::OK;
}

void NodeConnection::SetDeadline(grpc::ClientContext* context, absl::Duration timeout) {
  context->set_deadline(MonotonicIn(timeout));
}

}  // namespace l3link::cli
