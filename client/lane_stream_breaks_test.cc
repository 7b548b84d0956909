// LaneStream over broken and silent connections: resuming, fencing itself, closing.
#include <chrono>
#include <string>
#include <thread>

#include "client/errors.h"
#include "client/lane_stream.h"
#include "client/testing/echo_lane.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

class LaneStreamBreaksTest : public EchoLane {};

TEST_F(LaneStreamBreaksTest, ResumesThroughManyBreaksAndLosesNothing) {
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

TEST_F(LaneStreamBreaksTest, ResumesWithLargeMessagesUnderWay) {
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

TEST_F(LaneStreamBreaksTest, FencesItselfWhileTheNodeIsAway) {
  node_.SetTtl(1000);
  const auto stream = Open();
  ASSERT_TRUE(stream->Send({"a"}).ok());
  ASSERT_TRUE(stream->Flush(kLong).ok());
  while (stream->positions().received == 0) std::this_thread::yield();
  node_.RefuseAttach(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting"));
  node_.BreakStreams();
  ASSERT_TRUE(stream->Receive(kLong).ok()) << "what had come";
  const absl::Status status = stream->Receive(kLong).status();
  EXPECT_TRUE(HasReason(status, v1::LEASE_EXPIRED)) << status;
  EXPECT_EQ(MetadataOf(status)["published"], "1");
  EXPECT_GT(node_.attaches(), 2);
}

TEST_F(LaneStreamBreaksTest, FencesItselfWhenRenewalsStayUnanswered) {
  node_.SetTtl(1000);
  node_.MuteRenewals(true);
  const auto stream = Open();
  node_.HoldAttaches(true);
  EXPECT_TRUE(HasReason(stream->Receive(kLong).status(), v1::LEASE_EXPIRED));
  EXPECT_GT(node_.attaches(), 1) << "it tried in time";
}

TEST_F(LaneStreamBreaksTest, TriesAgainOverAFreshConnectionWhenAnAttachIsNotAnswered) {
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

TEST_F(LaneStreamBreaksTest, OpensOverAFreshConnectionWhenTheFirstAttachWasNotAnswered) {
  node_.HoldAttaches(true);
  options_.attach_timeout = absl::Milliseconds(100);
  EXPECT_TRUE(absl::IsDeadlineExceeded(channel_->OpenStream(options_).status()));
  node_.HoldAttaches(false);
  options_.attach_timeout = kLong;
  Open();
  EXPECT_EQ(node_.connections(), 2);
}

TEST_F(LaneStreamBreaksTest, TriesAgainOverAFreshConnectionWhenNothingIsHeard) {
  node_.SetTtl(4000);
  const auto stream = Open();
  node_.MuteRenewals(true);
  while (stream->positions().reconnects < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GE(node_.connections(), 3);
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(LaneStreamBreaksTest, KeepsItsLeaseWhileIdle) {
  node_.SetTtl(1000);
  const auto stream = Open();
  EXPECT_TRUE(IsWouldBlock(stream->Receive(absl::Seconds(3)).status()));
  EXPECT_TRUE(stream->status().ok());
}

TEST_F(LaneStreamBreaksTest, ClosesAfterTheResumeWhenTheConnectionIsBroken) {
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

TEST_F(LaneStreamBreaksTest, WaitsWithCloseForTheResumeAlsoWithNothingToFlush) {
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

TEST_F(LaneStreamBreaksTest, GivesUpWithCloseWhenTheNodeStaysAway) {
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

}  // namespace
}  // namespace l3link::client
