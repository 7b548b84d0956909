// StreamCall over a real server with the services' own mix: unary calls by callbacks, Stream on completion queues.
#include "server/rpc/stream_call.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "l3link/v1/channel.grpc.pb.h"

namespace l3link {
namespace {

using EchoService = v1::ChannelService::WithCallbackMethod_GetChannel<
    v1::ChannelService::WithAsyncMethod_Stream<v1::ChannelService::Service>>;
using EchoCall = StreamCall<EchoService, v1::StreamRequest, v1::StreamResponse>;
using EchoAcceptor = StreamAcceptor<EchoService, v1::StreamRequest, v1::StreamResponse>;

// Answers each renew with its token; half-close ends the call once all are answered; detach ends it at once.
class EchoStream final : public StreamHandler<v1::StreamRequest> {
 public:
  EchoStream(EchoCall& call, std::atomic<int>* alive) : call_(call), alive_(*alive) { ++alive_; }
  ~EchoStream() override { --alive_; }

  void OnFrame(v1::StreamRequest& frame) override {
    if (frame.has_detach()) return End(grpc::Status(grpc::StatusCode::ABORTED, "detached"));
    bool start;
    {
      absl::MutexLock lock(&mu_);
      tokens_.push_back(frame.renew().token());
      start = call_.TryClaim() && FillSlot();
    }
    if (start) call_.StartPending();
  }
  void OnHalfClose() override {
    bool start;
    {
      absl::MutexLock lock(&mu_);
      half_closed_ = true;
      start = tokens_.empty() && call_.Finish(grpc::Status::OK);
    }
    if (start) call_.StartPending();
  }
  void OnWritten(bool) override {
    bool start;
    {
      absl::MutexLock lock(&mu_);
      start = FillSlot();
      if (half_closed_ && tokens_.empty()) start = call_.Finish(grpc::Status::OK) || start;
    }
    if (start) call_.StartPending();
  }
  void OnOver(bool cancelled) override { cancelled_ = cancelled; }

 private:
  void End(const grpc::Status& status) {
    if (call_.Finish(status)) call_.StartPending();
  }
  bool FillSlot() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (tokens_.empty()) return call_.Release();
    call_.response().mutable_renewed()->set_token(tokens_.front());
    tokens_.pop_front();
    return call_.Commit();
  }

  EchoCall& call_;
  std::atomic<int>& alive_;
  absl::Mutex mu_;
  std::deque<uint64_t> tokens_ ABSL_GUARDED_BY(mu_);
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ = false;
};

class TestService final : public EchoService {
  grpc::ServerUnaryReactor* GetChannel(grpc::CallbackServerContext* context, const v1::GetChannelRequest* request,
                                       v1::GetChannelResponse* response) override {
    response->mutable_channel()->mutable_id()->set_name(request->channel().name() + "!");
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class StreamCallTest : public ::testing::Test {
 protected:
  StreamCallTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    pool_ = std::make_unique<QueuePool>(builder, 2);
    server_ = builder.BuildAndStart();
    pool_->Start();
    acceptor_ = std::make_unique<EchoAcceptor>(
        &service_, pool_.get(), [this](EchoCall& call) { return std::make_unique<EchoStream>(call, &alive_); });
    acceptor_->Start();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
    stub_ = v1::ChannelService::NewStub(channel_);
  }
  ~StreamCallTest() override { Stop(); }

  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    pool_->Stop();
  }

  TestService service_;
  std::atomic<int> alive_{0};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<QueuePool> pool_;
  std::unique_ptr<EchoAcceptor> acceptor_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ChannelService::Stub> stub_;
};

TEST_F(StreamCallTest, ServesUnaryCallsByCallbackBesideIt) {
  grpc::ClientContext context;
  v1::GetChannelRequest request;
  request.mutable_channel()->set_name("echo");
  v1::GetChannelResponse response;
  ASSERT_TRUE(stub_->GetChannel(&context, request, &response).ok());
  EXPECT_EQ(response.channel().id().name(), "echo!");
  grpc::ClientContext other;
  v1::SendResponse none;
  EXPECT_EQ(stub_->Send(&other, v1::SendRequest(), &none).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(StreamCallTest, EchoesEveryFrameInOrderThenFinishesAfterHalfClose) {
  grpc::ClientContext context;
  auto stream = stub_->Stream(&context);
  std::thread writer([&] {
    v1::StreamRequest frame;
    for (uint64_t i = 0; i < 5000; ++i) {
      frame.mutable_renew()->set_token(i);
      ASSERT_TRUE(stream->Write(frame));
    }
    stream->WritesDone();
  });
  v1::StreamResponse answer;
  uint64_t next = 0;
  while (stream->Read(&answer)) EXPECT_EQ(answer.renewed().token(), next++);
  writer.join();
  EXPECT_EQ(next, 5000u);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamCallTest, FinishesWhileTheClientStillSends) {
  grpc::ClientContext context;
  auto stream = stub_->Stream(&context);
  v1::StreamRequest frame;
  frame.mutable_detach();
  ASSERT_TRUE(stream->Write(frame));
  frame.mutable_renew()->set_token(1);
  while (stream->Write(frame)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(StreamCallTest, DropsItsHandlerWhenTheClientIsGone) {
  {
    grpc::ClientContext context;
    auto stream = stub_->Stream(&context);
    v1::StreamRequest frame;
    frame.mutable_renew()->set_token(7);
    ASSERT_TRUE(stream->Write(frame));
    v1::StreamResponse answer;
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(alive_, 1);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  while (alive_ != 0) std::this_thread::yield();
}

TEST_F(StreamCallTest, HoldsManyStreamsAtOnceAndEndsThemAtShutdown) {
  constexpr int kStreams = 200;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<v1::StreamRequest, v1::StreamResponse>>> streams;
  v1::StreamRequest frame;
  v1::StreamResponse answer;
  for (int i = 0; i < kStreams; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub_->Stream(contexts.back().get()));
    frame.mutable_renew()->set_token(i);
    ASSERT_TRUE(streams.back()->Write(frame));
  }
  for (int i = 0; i < kStreams; ++i) {
    ASSERT_TRUE(streams[i]->Read(&answer));
    EXPECT_EQ(answer.renewed().token(), static_cast<uint64_t>(i));
  }
  EXPECT_EQ(alive_, kStreams);
  Stop();
  EXPECT_EQ(alive_, 0);
  for (auto& stream : streams) EXPECT_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace l3link
