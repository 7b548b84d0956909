// CloseChannel: now, or once the lanes are empty.
#ifndef L3LINK_SERVER_CHANNEL_CLOSE_CHANNEL_H_
#define L3LINK_SERVER_CHANNEL_CLOSE_CHANNEL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "l3link/v1/channel.pb.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

// Messages in the lanes that nobody has taken: not consumed by the chip, not acknowledged by a client. Polls the chip's
// counts. Under the chip worker's lock.
uint64_t MessagesLeft(HostChannel& channel);

// Finishes the call itself: at once, or from the node's ticker, which looks every few milliseconds while it drains.
// gRPC's request and response live until then.
grpc::ServerUnaryReactor* StartCloseChannel(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                            const v1::CloseChannelRequest* request, v1::CloseChannelResponse* response);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_CLOSE_CHANNEL_H_
