// ChannelService's methods that move messages.
#include "server/answer.h"
#include "server/channel/channel_service.h"

namespace l3link {
namespace {

absl::Status NotYet() { return absl::UnimplementedError("not in this build yet"); }

}  // namespace

grpc::ServerUnaryReactor* ChannelService::Send(grpc::CallbackServerContext* context, const v1::SendRequest*,
                                               v1::SendResponse*) {
  return Answer(context, NotYet());
}

grpc::ServerUnaryReactor* ChannelService::Receive(grpc::CallbackServerContext* context, const v1::ReceiveRequest*,
                                                  v1::ReceiveResponse*) {
  return Answer(context, NotYet());
}

grpc::ServerUnaryReactor* ChannelService::Ack(grpc::CallbackServerContext* context, const v1::AckRequest*,
                                              v1::AckResponse*) {
  return Answer(context, NotYet());
}

}  // namespace l3link
