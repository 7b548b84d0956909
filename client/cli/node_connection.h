// One node as the commands see it: its four services, with a deadline on every call and Ctrl-C ending each.
#ifndef L3LINK_CLIENT_CLI_NODE_CONNECTION_H_
#define L3LINK_CLIENT_CLI_NODE_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/cli/interrupt.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"

namespace l3link::cli {

// How long a call may take unless --timeout says.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(10);

// --target, else L3LINK_TARGET, else the socket below the default state directory.
std::string ResolveTarget(const std::string& flag);

// Used on the main thread. Connects when first called; a connection that fails is each call's UNAVAILABLE.
class NodeConnection {
 public:
  NodeConnection(std::string target, absl::Duration timeout, Interrupt& interrupt);

  const std::string& target() const { return target_; }
  absl::Duration timeout() const { return timeout_; }

  v1::NodeService::Stub& node() { return *node_; }
  v1::ChannelService::Stub& channels() { return *channels_; }
  v1::MemoryService::Stub& memory() { return *memory_; }
  grpc::health::v1::Health::Stub& health() { return *health_; }

  // One unary call, ended by the connection's timeout.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    return CallFor(timeout_, stub, method, request, response);
  }
  // One that asks the node itself to wait for up to `patience`, 0 included: the deadline leaves the answer time beyond it.
  template <typename Stub, typename Request, typename Response>
  grpc::Status CallAndWait(absl::Duration patience, Stub& stub,
                           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                           const Request& request, Response* response) {
    return CallFor(patience + kCallTimeout, stub, method, request, response);
  }

  // UNAVAILABLE unless connected, or refused (then the call itself says why), within `timeout` and 5 s.
  grpc::Status Connect(absl::Duration timeout = kCallTimeout);

  // Monotonic, so that a wall clock set anew ends nothing.
  static void SetDeadline(grpc::ClientContext* context, absl::Duration timeout);

 private:
  template <typename Stub, typename Request, typename Response>
  grpc::Status CallFor(absl::Duration timeout, Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request, Response* response) {
    if (grpc::Status connected = Connect(timeout); !connected.ok()) return connected;
    grpc::ClientContext context;
    SetDeadline(&context, timeout);
    Interrupt::Reaction cancel(interrupt_, [&context] { context.TryCancel(); });
    return (stub.*method)(&context, request, response);
  }

  const std::string target_;
  const absl::Duration timeout_;
  Interrupt& interrupt_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::NodeService::Stub> node_;
  std::unique_ptr<v1::ChannelService::Stub> channels_;
  std::unique_ptr<v1::MemoryService::Stub> memory_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_NODE_CONNECTION_H_
