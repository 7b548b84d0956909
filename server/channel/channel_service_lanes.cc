// ChannelService's methods that move messages.
#include "server/answer.h"
#include "server/channel/channel_service.h"

namespace l3link {
namespace {

absl::Status NotYet() { return absl::UnimplementedError("not in this build yet"); }

class NoStream final : public StreamHandler<v1::StreamRequest> {
 public:
  explicit NoStream(ChannelStreamCall& call) : call_(call) {}
  void OnFrame(v1::StreamRequest&) override { End(); }
  void OnHalfClose() override { End(); }
  void OnWritten(bool) override {}
  void OnOver(bool) override {}

 private:
  void End() {
    if (call_.Finish(ToGrpc(NotYet()))) call_.StartPending();
  }
  ChannelStreamCall& call_;
};

}  // namespace

std::unique_ptr<StreamHandler<v1::StreamRequest>> ChannelService::MakeStream(ChannelStreamCall& call) {
  return std::make_unique<NoStream>(call);
}

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
