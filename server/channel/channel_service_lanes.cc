// ChannelService's unary methods that move messages.
#include "server/answer.h"
#include "server/channel/channel_service.h"
#include "server/channel/unary_receive.h"
#include "server/channel/unary_send.h"

namespace l3link {

grpc::ServerUnaryReactor* ChannelService::Send(grpc::CallbackServerContext* context, const v1::SendRequest* request,
                                               v1::SendResponse* response) {
  return StartSend(node_, leases_, context, request, response);
}

grpc::ServerUnaryReactor* ChannelService::Receive(grpc::CallbackServerContext* context,
                                                  const v1::ReceiveRequest* request, v1::ReceiveResponse* response) {
  return StartReceive(node_, leases_, context, request, response);
}

grpc::ServerUnaryReactor* ChannelService::Ack(grpc::CallbackServerContext* context, const v1::AckRequest* request,
                                              v1::AckResponse* response) {
  return Answer(context, AckLane(node_, leases_, *request, response));
}

}  // namespace l3link
