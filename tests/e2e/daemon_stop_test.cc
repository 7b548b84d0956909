// SIGTERM: not serving, streams are told, then the end with 0, whatever clients do.
#include <grpcpp/client_context.h>
#include <signal.h>

#include <memory>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One attached Stream on a fresh channel.
class AttachedStream {
 public:
  explicit AttachedStream(const TestNode& node) : stub_(v1::ChannelService::NewStub(node.Connect())) {
    grpc::ClientContext open_context;
    v1::OpenChannelRequest open;
    v1::OpenChannelResponse opened;
    const grpc::Status status = stub_->OpenChannel(&open_context, open, &opened);
    EXPECT_TRUE(status.ok()) << Describe(status);
    stream_ = stub_->Stream(&context_);
    v1::StreamRequest request;
    *request.mutable_attach()->mutable_channel() = opened.channel().id();
    request.mutable_attach()->mutable_host_to_chip()->set_any_free(true);
    stream_->Write(request);
    EXPECT_EQ(Next().frame_case(), v1::StreamResponse::kAttached);
  }

  // The next frame; without any the stream is over.
  v1::StreamResponse Next() {
    v1::StreamResponse response;
    if (!stream_->Read(&response)) response.Clear();
    return response;
  }
  grpc::Status Detach() {
    v1::StreamRequest request;
    request.mutable_detach();
    stream_->Write(request);
    while (Next().frame_case() != v1::StreamResponse::FRAME_NOT_SET) {
    }
    return stream_->Finish();
  }
  grpc::Status Finish() {
    while (Next().frame_case() != v1::StreamResponse::FRAME_NOT_SET) {
    }
    return stream_->Finish();
  }
  v1::StreamResponse NextDraining() {
    v1::StreamResponse response;
    do {
      response = Next();
    } while (response.frame_case() != v1::StreamResponse::kDraining &&
             response.frame_case() != v1::StreamResponse::FRAME_NOT_SET);
    return response;
  }

 private:
  std::unique_ptr<v1::ChannelService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamRequest, v1::StreamResponse>> stream_;
};

TEST(DaemonStopTest, AnIdleNodeEndsWithZero) {
  TestNode node;
  ASSERT_TRUE(node.ready()) << node.log();
  EXPECT_EQ(node.Terminate(), 0) << node.log();
}

TEST(DaemonStopTest, SigintStopsAsWell) {
  TestNode node;
  ASSERT_TRUE(node.ready()) << node.log();
  node.process().Signal(SIGINT);
  EXPECT_EQ(node.process().Wait(), 0) << node.log();
}

TEST(DaemonStopTest, HealthWatchersHearItBeforeTheEnd) {
  TestNode node({"--drain-timeout=20s"});
  ASSERT_TRUE(node.ready()) << node.log();
  AttachedStream keeps_it_draining(node);
  auto stub = Health::NewStub(node.Connect());
  grpc::ClientContext context;
  auto watch = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  node.process().Signal(SIGTERM);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(keeps_it_draining.Detach().ok());
  EXPECT_EQ(node.process().Wait(), 0);
}

TEST(DaemonStopTest, StreamsAreToldAndMayFinish) {
  TestNode node({"--drain-timeout=60s"});
  ASSERT_TRUE(node.ready()) << node.log();
  AttachedStream stream(node);
  node.process().Signal(SIGTERM);
  const v1::StreamResponse told = stream.NextDraining();
  ASSERT_EQ(told.frame_case(), v1::StreamResponse::kDraining);
  EXPECT_GT(told.draining().deadline().seconds(), 0);
  const grpc::Status end = stream.Detach();
  EXPECT_TRUE(end.ok()) << Describe(end);
  EXPECT_EQ(node.process().Wait(), 0) << node.log();
}

TEST(DaemonStopTest, AStreamThatDoesNotFinishIsEndedAtTheDeadline) {
  TestNode node({"--drain-timeout=200ms"});
  ASSERT_TRUE(node.ready()) << node.log();
  AttachedStream stream(node);
  EXPECT_EQ(node.Terminate(), 0) << node.log();
  EXPECT_FALSE(stream.Finish().ok());
}

TEST(DaemonStopTest, ASecondSignalDoesNotWaitForStreams) {
  TestNode node({"--drain-timeout=1h"});
  ASSERT_TRUE(node.ready()) << node.log();
  AttachedStream stream(node);
  node.process().Signal(SIGTERM);
  EXPECT_EQ(stream.NextDraining().frame_case(), v1::StreamResponse::kDraining);
  node.process().Signal(SIGTERM);
  EXPECT_EQ(node.process().Wait(), 0) << node.log();
}

TEST(DaemonStopTest, ACloseThatDrainsDoesNotHoldItUp) {
  TestNode node({"--sim-chip=external", "--drain-timeout=200ms"});  // nobody will ever take the message
  ASSERT_TRUE(node.ready()) << node.log();
  auto stub = v1::ChannelService::NewStub(node.Connect());
  v1::OpenChannelResponse opened;
  v1::SendRequest send;
  v1::SendResponse sent;
  grpc::ClientContext open_context, send_context, close_context;
  ASSERT_TRUE(stub->OpenChannel(&open_context, {}, &opened).ok());
  *send.mutable_channel() = opened.channel().id();
  send.add_messages()->set_text("stays");
  const grpc::Status sending = stub->Send(&send_context, send, &sent);
  ASSERT_TRUE(sending.ok()) << Describe(sending);
  v1::CloseChannelRequest close;
  v1::CloseChannelResponse closed;
  *close.mutable_channel() = opened.channel().id();
  close.set_drain(true);
  close.mutable_timeout()->set_seconds(3600);
  grpc::Status result;
  std::thread closer([&] { result = stub->CloseChannel(&close_context, close, &closed); });
  EXPECT_EQ(node.Terminate(), 0) << node.log();
  closer.join();
  EXPECT_FALSE(result.ok());
}

}  // namespace
}  // namespace l3link
