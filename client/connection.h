// One node: a gRPC channel of its own, the three services' stubs, and the node's name for messages.
//
// A connection that has gone silent (a network that swallows everything) is noticed sooner by a stream's lease than by TCP:
// the stream then asks for a fresh gRPC channel (Renew), on which all later calls are made.
//
// Made by Orchestrator::Connect; shared by every Channel, LaneStream and Region on that node, which keep it alive. Any
// thread.
#ifndef L3LINK_CLIENT_CONNECTION_H_
#define L3LINK_CLIENT_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/errors.h"
#include "client/monitor.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"

namespace l3link::client {

class Poller;

struct ConnectOptions {
  // For reaching every node in Connect.
  absl::Duration connect_timeout = absl::Seconds(10);
  // Whether Connect waits for a node that is not there yet, up to connect_timeout, instead of failing at once.
  bool wait_for_ready = false;
  // For each unary call.
  absl::Duration call_timeout = absl::Seconds(30);
  // How long watches outlive a lost node. (A LaneStream's limit is its lease.)
  absl::Duration watch_reconnect_timeout = absl::Seconds(60);
};

// "unix:" and the socket that an l3linkd of this user listens on by default.
std::string DefaultTarget();

// Sets the call's deadline by the monotonic clock; InfiniteDuration sets none.
void SetDeadline(grpc::ClientContext& context, absl::Duration timeout);

using RawLaneCall = grpc::ClientAsyncReaderWriter<grpc::ByteBuffer, v1::StreamResponse>;

class Connection {
 public:
  // `target`: HOST:PORT, unix:PATH, or empty for DefaultTarget(). Connects lazily.
  Connection(std::string target, const ConnectOptions& options, std::shared_ptr<Poller> poller);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Asks the node for its name, within options.connect_timeout; until then the name is the target. Not thread-safe.
  absl::Status Identify();

  const std::string& name() const { return name_; }  // as GetNode reports it
  const std::string& target() const { return target_; }
  const ConnectOptions& options() const { return options_; }

  // Of the present gRPC channel: not to be kept beyond the start of a call.
  std::shared_ptr<v1::NodeService::Stub> nodes() const;
  std::shared_ptr<v1::ChannelService::Stub> channels() const;
  // ChannelService.Stream with frames that are encoded already.
  std::unique_ptr<RawLaneCall> PrepareLaneCall(grpc::ClientContext* context) const;
  std::shared_ptr<v1::MemoryService::Stub> memory() const;
  std::shared_ptr<grpc::Channel> channel() const;
  Poller& poller() { return *poller_; }

  // Counts gRPC channels; to be asked before a call is started on one.
  uint64_t channel_number() const;
  // Makes a fresh one, unless somebody has done so since `silent` was the present one. Calls under way stay where they are.
  void Renew(uint64_t silent);

  // One unary call: Call(c.channels(), &v1::ChannelService::Stub::Peek, request). Errors name the node.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::shared_ptr<Stub>& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    return Call(stub, method, request, options_.call_timeout);
  }
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::shared_ptr<Stub>& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, absl::Duration timeout) {
    grpc::ClientContext context;
    SetDeadline(context, timeout);
    Response response;
    grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return ToStatus(status);
    return response;
  }

  absl::Status ToStatus(const grpc::Status& status) const { return FromGrpc(status, name_); }

 private:
  // Of one gRPC channel, which lives as long as one of them or a call is in use.
  struct Stubs;

  std::shared_ptr<Stubs> stubs() const;

  const std::string target_;
  const ConnectOptions options_;
  const std::shared_ptr<Poller> poller_;
  mutable Mutex mutex_;
  std::shared_ptr<Stubs> stubs_ ABSL_GUARDED_BY(mutex_);
  uint64_t channel_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string name_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_CONNECTION_H_
