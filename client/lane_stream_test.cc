#include "client/lane_stream.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "client/errors.h"
#include "client/monitor.h"
#include "client/orchestrator.h"
#include "client/steady_time.h"
#include "client/testing/echo_lane.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

class LaneStreamTest : public EchoLane {};

TEST_F(LaneStreamTest, ExchangesOneMessage) {
  const auto stream = Open();
  ASSERT_TRUE(stream->Send({"hello", 7, 99}).ok());
  const auto reply = stream->Receive(kLong);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->front().payload, "hello");
  EXPECT_EQ(reply->front().route, 7u);
  EXPECT_EQ(reply->front().correlation_id, 99u);
  EXPECT_TRUE(stream->Flush(kLong).ok());
  EXPECT_EQ(stream->published(), 1u);
}

TEST_F(LaneStreamTest, MovesMessagesOfEverySizeOnce) {
  const auto stream = Open();
  for (const size_t bytes : {0, 1, 65'000, 65'536, 1 << 20, 16 << 20}) {
    const std::string payload(bytes, 'x');
    ASSERT_TRUE(stream->Send({payload}).ok());
    const auto reply = stream->Receive(kLong);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_TRUE(reply->front().payload == payload) << bytes;
  }
}

TEST_F(LaneStreamTest, TellsFullFromBroken) {
  node_.HoldPublishing(true);
  const auto stream = Open();
  int taken = 0;
  while (*stream->TrySend({"x"})) ++taken;
  EXPECT_EQ(taken, 64);
  EXPECT_TRUE(IsWouldBlock(stream->Send({"x"}, absl::Milliseconds(1))));
  EXPECT_TRUE(IsWouldBlock(stream->Flush(absl::ZeroDuration())));
  EXPECT_TRUE(IsWouldBlock(stream->Receive(absl::ZeroDuration()).status()));
  EXPECT_TRUE(stream->ReceiveBatch(1, absl::ZeroDuration())->empty());
  const std::vector<OutgoingMessage> batch(3);
  EXPECT_EQ(*stream->SendBatch(batch, absl::ZeroDuration()), 0u);
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(LaneStreamTest, DeliversAgainToAnotherLifeOfTheSessionWhatWasNotAcknowledged) {
  options_.ack = AckMode::kExplicit;
  options_.session_id = "mine";
  {
    const auto stream = Open();
    for (uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(stream->Send({std::to_string(i), 0, i}).ok());
    ExpectNumbers(*stream, 0, 5);
    stream->Abandon();
    EXPECT_TRUE(absl::IsCancelled(stream->Send({"x"})));
  }
  options_.resume = true;
  options_.resume_acked = 2;
  options_.send_from = 3;
  const auto stream = Open();
  EXPECT_EQ(stream->session_id(), "mine");
  ExpectNumbers(*stream, 2, 3);
  for (uint64_t i = 3; i < 7; ++i) ASSERT_TRUE(stream->Send({std::to_string(i), 0, i}).ok());
  ExpectNumbers(*stream, 5, 2);
  EXPECT_TRUE(stream->Ack(7).ok());
  EXPECT_TRUE(HasReason(stream->Ack(8), v1::ACK_BEYOND_DELIVERED));
}

TEST_F(LaneStreamTest, EndsWithTheNodesReason) {
  const auto stream = Open();
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "not for you"));
  node_.BreakStreams();
  const absl::Status status = stream->Receive(kLong).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "node echo-node: not for you");
  EXPECT_EQ(stream->Send({"x"}), status);
  EXPECT_EQ(stream->status(), status);
}

TEST_F(LaneStreamTest, RefusesANegativeTimeoutNamingTheField) {
  const auto stream = Open();
  const absl::Duration negative = absl::Milliseconds(-1);
  for (const absl::Status& refused :
       {stream->Send({"x"}, negative), stream->SendBatch({}, negative).status(), stream->Flush(negative),
        stream->Receive(negative).status(), stream->ReceiveBatch(1, negative).status(), stream->Close(negative),
        channel_->Send({"x"}, negative), channel_->Receive(negative).status(), channel_->Flush(negative),
        channel_->Close(true, negative).status()}) {
    EXPECT_EQ(refused.message(), "timeout: -1ms is negative, must be 0 or more");
    EXPECT_TRUE(HasReason(refused, v1::INVALID_ARGUMENT_FIELD)) << refused;
    EXPECT_EQ(MetadataOf(refused)["field"], "timeout");
  }
  EXPECT_TRUE(stream->status().ok()) << "neither closed nor ended";
  options_.lease_ttl = negative;
  EXPECT_EQ(MetadataOf(channel_->OpenStream(options_).status())["field"], "lease_ttl");
}

TEST_F(LaneStreamTest, AClosedChannelTakesNothingThoughItsStreamHasNotHeardOfIt) {
  ASSERT_TRUE(channel_->Send({"early"}).ok());
  ASSERT_TRUE(channel_->Close().ok());
  const absl::Status late = channel_->Send({"late"});
  EXPECT_TRUE(HasReason(late, v1::CHANNEL_CLOSED)) << late;
  EXPECT_EQ(channel_->Receive(kLong)->front().payload, "early");
}

TEST_F(LaneStreamTest, CallsBackInsteadOfReceive) {
  std::atomic<uint64_t> next{0};
  std::atomic<bool> in_order{true};
  Mutex mutex;
  Condition done;
  absl::Status failed;
  options_.on_messages = [&](const ReceivedBatch& batch) {
    for (const ReceivedMessage& message : batch) in_order = in_order && message.sequence == next++;
  };
  options_.on_failed = [&](const absl::Status& status) {
    MutexLock lock(mutex);
    failed = status;
    done.WakeAll();
  };
  const auto stream = Open();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(stream->Send({"x"}).ok());
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::NOT_FOUND, "gone"));
  ASSERT_TRUE(stream->Flush(kLong).ok());
  node_.BreakStreams();
  MutexLock lock(mutex);
  while (failed.ok()) done.WaitUntil(mutex, kNever);
  EXPECT_EQ(failed.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(in_order);
}

TEST_F(LaneStreamTest, CallsBackWhenASenderThatFoundNoRoomMayTryAgain) {
  Mutex mutex;
  Condition told;
  bool progress = false;
  options_.on_progress = [&] {
    MutexLock lock(mutex);
    progress = true;
    told.WakeAll();
  };
  const auto stream = Open();
  for (uint64_t sent = 0; sent < 1000;) {  // of a window of 64
    {
      MutexLock lock(mutex);
      progress = false;
    }
    while (sent < 1000 && *stream->TrySend({"x"})) ++sent;
    MutexLock lock(mutex);
    while (sent < 1000 && !progress) told.WaitUntil(mutex, kNever);
  }
  EXPECT_EQ(stream->positions().next_sequence, 1000u);
}

TEST_F(LaneStreamTest, CollectsBatchesWhileAWriteIsUnderWay) {
  const auto stream = Open();
  std::thread receiver([&stream] { ExpectNumbers(*stream, 0, 10'000); });
  for (uint64_t i = 0; i < 10'000; ++i) ASSERT_TRUE(stream->Send({std::to_string(i), 0, i}).ok());
  receiver.join();
  EXPECT_GT(node_.largest_frame_messages(), 1);
}

TEST_F(LaneStreamTest, RefusesAtOnceWhatTheNodeRefuses) {
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "lane 0 is held"));
  const auto stream = channel_->OpenStream(options_);
  EXPECT_EQ(stream.status().message(), "node echo-node: lane 0 is held");
}

TEST_F(LaneStreamTest, OutlivesItsOrchestrator) {
  const auto stream = Open();
  channel_.reset();
  orchestrator_.reset();
  ASSERT_TRUE(stream->Send({"still here"}).ok());
  EXPECT_EQ(stream->Receive(kLong)->front().payload, "still here");
}

TEST_F(LaneStreamTest, SendsAndReceivesByRoute) {
  for (uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(channel_->Send({"r", i, i}).ok());
  ASSERT_TRUE(channel_->Flush(kLong).ok());
}

TEST_F(LaneStreamTest, RefusesWorkersItCannotFind) {
  EXPECT_EQ(orchestrator_->OpenChannel("other/0", "c").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(orchestrator_->OpenChannel("nonsense", "c").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(orchestrator_->OpenChannel("echo-node/0", "c").ok());
  EXPECT_TRUE(orchestrator_->OpenChannel("0/0", "c").ok());
  EchoNode second("second");
  const auto both = Orchestrator::Connect({node_.target(), second.target()});
  ASSERT_TRUE(both.ok());
  EXPECT_EQ((*both)->OpenChannel(0, "c").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*(*both)->OpenChannel("second/0", "c"))->connection().name(), "second");
}

TEST_F(LaneStreamTest, SaysWhichNodeItCannotReach) {
  const auto missing = Orchestrator::Connect({node_.target(), "unix:/nonexistent/l3linkd.sock"});
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(missing.status().message().find("node unix:/nonexistent/l3linkd.sock: "), absl::string_view::npos);
}

}  // namespace
}  // namespace l3link::client
