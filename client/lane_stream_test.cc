#include "client/lane_stream.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "client/errors.h"
#include "client/orchestrator.h"
#include "client/testing/echo_node.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

constexpr absl::Duration kLong = absl::Minutes(1);

class LaneStreamTest : public testing::Test {
 protected:
  LaneStreamTest() {
    orchestrator_ = *Orchestrator::Connect({node_.target()});
    channel_ = *orchestrator_->OpenChannel(0, "work");
    options_.send = options_.receive = LaneChoice::Lane(0);
  }

  std::unique_ptr<LaneStream> Open() {
    auto stream = channel_->OpenStream(options_);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return stream.ok() ? *std::move(stream) : nullptr;
  }

  // Receives `count` numbered messages and checks that they come once and in order.
  static void ExpectNumbers(LaneStream& stream, uint64_t first, uint64_t count) {
    for (uint64_t next = first; next < first + count;) {
      const auto batch = stream.ReceiveBatch(1000, kLong);
      ASSERT_TRUE(batch.ok()) << batch.status();
      ASSERT_FALSE(batch->empty()) << "at " << next;
      for (const ReceivedMessage& message : *batch) {
        ASSERT_EQ(message.sequence, next);
        ASSERT_EQ(message.correlation_id, next);
        ASSERT_EQ(message.payload, std::to_string(next));
        ++next;
      }
    }
  }

  EchoNode node_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::unique_ptr<Channel> channel_;
  StreamOptions options_;
};

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

TEST_F(LaneStreamTest, ResumesThroughManyBreaksAndLosesNothing) {
  constexpr uint64_t kMessages = 20'000;
  node_.BreakEvery(400);
  const auto stream = Open();
  std::thread sender([&stream] {
    for (uint64_t i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(stream->Send({std::to_string(i), 0, i}).ok());
    }
  });
  ExpectNumbers(*stream, 0, kMessages);
  sender.join();
  EXPECT_TRUE(stream->Flush(kLong).ok());
  EXPECT_GT(stream->positions().reconnects, 10u);
}

TEST_F(LaneStreamTest, ResumesWithLargeMessagesUnderWay) {
  const auto stream = Open();
  const std::string payload(1 << 20, 'L');
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream->Send({payload}).ok());
    stream->BreakForTest();
  }
  for (int i = 0; i < 10; ++i) {
    const auto reply = stream->Receive(kLong);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_TRUE(reply->front().payload == payload);
    EXPECT_EQ(reply->first_sequence(), static_cast<uint64_t>(i));
  }
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

TEST_F(LaneStreamTest, FencesItselfWhileTheNodeIsAway) {
  node_.SetTtl(1000);
  const auto stream = Open();
  ASSERT_TRUE(stream->Send({"a"}).ok());
  ASSERT_TRUE(stream->Flush(kLong).ok());
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  node_.BreakStreams();
  ASSERT_TRUE(stream->Receive(kLong).ok()) << "what had come";
  const absl::Status status = stream->Receive(kLong).status();
  EXPECT_TRUE(HasReason(status, v1::LEASE_EXPIRED)) << status;
  EXPECT_EQ(MetadataOf(status)["published"], "1");
  EXPECT_GT(node_.attaches(), 2);
}

TEST_F(LaneStreamTest, FencesItselfWhenRenewalsStayUnanswered) {
  node_.SetTtl(1000);
  node_.MuteRenewals(true);
  const auto stream = Open();
  node_.HoldAttaches(true);
  EXPECT_TRUE(HasReason(stream->Receive(kLong).status(), v1::LEASE_EXPIRED));
  EXPECT_GT(node_.attaches(), 1) << "it tried in time";
}

TEST_F(LaneStreamTest, TriesAgainOverAFreshConnectionWhenAnAttachIsNotAnswered) {
  const auto stream = Open();  // for 30 s
  node_.HoldAttaches(true);
  node_.BreakStreams();
  while (node_.attaches() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(node_.connections(), 2) << "the second try comes over another connection";
  EXPECT_TRUE(stream->status().ok());
  node_.HoldAttaches(false);
  ASSERT_TRUE(stream->Send({"after all"}).ok());
  EXPECT_EQ(stream->Receive(kLong)->front().payload, "after all");
  EXPECT_EQ(stream->positions().reconnects, 1u);
}

TEST_F(LaneStreamTest, OpensOverAFreshConnectionWhenTheFirstAttachWasNotAnswered) {
  node_.HoldAttaches(true);
  options_.attach_timeout = absl::Milliseconds(100);
  EXPECT_TRUE(absl::IsDeadlineExceeded(channel_->OpenStream(options_).status()));
  node_.HoldAttaches(false);
  options_.attach_timeout = kLong;
  Open();
  EXPECT_EQ(node_.connections(), 2);
}

TEST_F(LaneStreamTest, TriesAgainOverAFreshConnectionWhenNothingIsHeard) {
  node_.SetTtl(4000);
  const auto stream = Open();
  node_.MuteRenewals(true);
  while (stream->positions().reconnects < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GE(node_.connections(), 3);
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(LaneStreamTest, KeepsItsLeaseWhileIdle) {
  node_.SetTtl(1000);
  const auto stream = Open();
  EXPECT_TRUE(IsWouldBlock(stream->Receive(absl::Seconds(3)).status()));
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(LaneStreamTest, ClosesAfterTheResumeWhenTheConnectionIsBroken) {
  const auto stream = Open();
  node_.HoldPublishing(true);
  ASSERT_TRUE(stream->Send({"to be flushed"}).ok());
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  node_.BreakStreams();
  absl::Status closed = absl::UnknownError("not yet");
  std::thread closer([&] { closed = stream->Close(kLong); });
  while (node_.attaches() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  node_.HoldPublishing(false);
  node_.RefuseAttach(grpc::Status::OK);
  closer.join();
  EXPECT_TRUE(closed.ok()) << closed;
  EXPECT_EQ(stream->published(), 1u);
  EXPECT_EQ(node_.detaches(), 1);
}

TEST_F(LaneStreamTest, WaitsWithCloseForTheResumeAlsoWithNothingToFlush) {
  const auto stream = Open();
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  node_.BreakStreams();
  while (node_.attaches() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  absl::Status closed = absl::UnknownError("not yet");
  std::thread closer([&] { closed = stream->Close(kLong); });
  while (node_.attaches() < 4) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  node_.RefuseAttach(grpc::Status::OK);
  closer.join();
  EXPECT_TRUE(closed.ok()) << closed;
  EXPECT_EQ(node_.detaches(), 1);
}

TEST_F(LaneStreamTest, GivesUpWithCloseWhenTheNodeStaysAway) {
  for (const absl::Duration timeout : {absl::ZeroDuration(), absl::Milliseconds(300)}) {
    const auto stream = Open();
    node_.RefuseAttach(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"));
    const int before = node_.attaches();
    node_.BreakStreams();
    while (node_.attaches() == before) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(IsWouldBlock(stream->Close(timeout))) << timeout;
    node_.RefuseAttach(grpc::Status::OK);
  }
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
