// ChannelService.Send: one or more messages, each on the lane of its route, in order, as far as there is room in time.
#ifndef L3LINK_SERVER_CHANNEL_UNARY_SEND_H_
#define L3LINK_SERVER_CHANNEL_UNARY_SEND_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "l3link/v1/channel.pb.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

// Finishes the call itself, now or later; gRPC's request and response live until then.
grpc::ServerUnaryReactor* StartSend(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                    const v1::SendRequest* request, v1::SendResponse* response);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_UNARY_SEND_H_
