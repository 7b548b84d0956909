// ChannelService.Receive and Ack: messages of one lane, or of all in fair turn, one call at a time.
#ifndef L3LINK_SERVER_CHANNEL_UNARY_RECEIVE_H_
#define L3LINK_SERVER_CHANNEL_UNARY_RECEIVE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

// Finishes the call itself, now or later; gRPC's request and response live until then.
grpc::ServerUnaryReactor* StartReceive(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                       const v1::ReceiveRequest* request, v1::ReceiveResponse* response);

// Never waits.
absl::Status AckLane(Node& node, Leases& leases, const v1::AckRequest& request, v1::AckResponse* response);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_UNARY_RECEIVE_H_
