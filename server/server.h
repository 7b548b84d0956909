// The node's gRPC server: listeners, services, health, reflection, channelz, and the way it stops.
//
// Made and driven by main's thread: AddService ..., Start, (serve), Stop. Unary calls run on gRPC's executor (bazel/one_poller.cc),
// streams on the completion queues of server/rpc, connections are taken by server/listen.
//
// TCP connections go the way of gRPC's own (its handshake, credentials). Unix connections go in as descriptors, so that a
// call's peer can be known (listen/peer.h); the price is that gRPC's handshake timeout does not cover them (keepalive does) and
// that channelz does not list them.
//
// Stop: health answers NOT_SERVING, the node drains (streams are told and may finish until the deadline), then whatever is
// left is cancelled. A service must outlive the server.
#ifndef L3LINK_SERVER_SERVER_H_
#define L3LINK_SERVER_SERVER_H_

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/health.h"
#include "server/listen/accept_loop.h"
#include "server/listen/listening_sockets.h"
#include "server/node.h"
#include "server/options/parse_values.h"
#include "server/rpc/queue_pool.h"

namespace l3link {

struct ServerOptions {
  absl::optional<ListenAddress> listen;  // absent: no TCP
  std::string unix_path;                 // empty: no unix socket
};

// Where it is reached; "-" for what is off.
struct Endpoints {
  std::string grpc;  // "127.0.0.1:41234": with the port that was taken
  std::string unix_path;
};

class Server {
 public:
  // The node outlives the server.
  Server(Node* node, ServerOptions options);
  // Stops at once, unless stopped.
  ~Server();

  // Before Start. `start_streams` is called once the server and its queues run, for a service whose bidirectional calls are
  // served by completion queues: it starts the service's StreamAcceptor.
  using StartStreams = std::function<void(QueuePool* pool)>;
  void AddService(grpc::Service* service, const std::string& name, StartStreams start_streams = nullptr);

  // Listens and serves. The error says which address could not be had, and why.
  absl::StatusOr<Endpoints> Start();

  // Drains for at most `timeout`, then cancels what is left; returns when no call is left. Idempotent.
  void Stop(absl::Duration timeout);

  // Ends every call now, so that a Stop in progress on another thread need not wait longer. While Start's server lives.
  void CancelCalls();

  HealthService& health() { return health_; }

 private:
  struct Added {
    grpc::Service* service;
    std::string name;
    StartStreams start_streams;
  };

  void Configure(grpc::ServerBuilder& builder);
  absl::Status Listen();
  absl::Status TakeConnections();
  void AwaitStreams(MonoTime deadline);
  Endpoints EndpointsNow() const;

  Node& node_;
  const ServerOptions options_;
  HealthService health_;
  std::vector<Added> services_;
  ListeningSockets tcp_;
  ListeningSockets unix_;
  std::unique_ptr<QueuePool> pool_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> tcp_acceptor_;
  AcceptLoop accept_loop_;
  bool stopped_ = false;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_SERVER_H_
