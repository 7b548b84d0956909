// ChannelService: opens, shows, peeks into and closes channels. Send, Receive and Ack are defined in
// channel_service_lanes.cc; Stream is served by ChannelStreams.
//
// Unary calls run on gRPC's executor and never block: what has to wait (close with drain, a send that finds no
// room) is a reactor that is finished later by the chip worker's doorbell or the node's ticker.
#ifndef L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_H_
#define L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_H_

#include "grpcpp/grpcpp.h"
#include "server/channel/channel_service_base.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

class ChannelService final : public ChannelServiceBase {
 public:
  // Both outlive the service.
  ChannelService(Node* node, Leases* leases) : node_(*node), leases_(*leases) {}

  grpc::ServerUnaryReactor* OpenChannel(grpc::CallbackServerContext* context, const v1::OpenChannelRequest* request,
                                        v1::OpenChannelResponse* response) override;
  grpc::ServerUnaryReactor* GetChannel(grpc::CallbackServerContext* context, const v1::GetChannelRequest* request,
                                       v1::GetChannelResponse* response) override;
  grpc::ServerUnaryReactor* ListChannels(grpc::CallbackServerContext* context, const v1::ListChannelsRequest* request,
                                         v1::ListChannelsResponse* response) override;
  grpc::ServerUnaryReactor* CloseChannel(grpc::CallbackServerContext* context, const v1::CloseChannelRequest* request,
                                         v1::CloseChannelResponse* response) override;
  grpc::ServerUnaryReactor* Send(grpc::CallbackServerContext* context, const v1::SendRequest* request,
                                 v1::SendResponse* response) override;
  grpc::ServerUnaryReactor* Receive(grpc::CallbackServerContext* context, const v1::ReceiveRequest* request,
                                    v1::ReceiveResponse* response) override;
  grpc::ServerUnaryReactor* Ack(grpc::CallbackServerContext* context, const v1::AckRequest* request,
                                v1::AckResponse* response) override;
  grpc::ServerUnaryReactor* Peek(grpc::CallbackServerContext* context, const v1::PeekRequest* request,
                                 v1::PeekResponse* response) override;

 private:
  Node& node_;
  Leases& leases_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_H_
