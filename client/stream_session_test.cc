#include "client/stream_session.h"

#include <string>

#include "client/errors.h"
#include "client/session_bench.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

using StreamSessionTest = SessionBench;

TEST_F(StreamSessionTest, AttachesAsTheOptionsSay) {
  const RequestFrame frame = session_.OnCallStarted(At(0));
  EXPECT_EQ(frame->attach().channel().generation(), 3u);
  EXPECT_EQ(frame->attach().host_to_chip().route(), 5u);
  EXPECT_TRUE(frame->attach().chip_to_host().any_free());
  EXPECT_EQ(frame->attach().form(), v1::FORM_PACKED);
  EXPECT_FALSE(frame->attach().resume());
  EXPECT_EQ(session_.NextFrame(At(0)), nullptr);
}

TEST_F(StreamSessionTest, RenewsBeforeAThirdOfTheTtl) {
  Open();
  EXPECT_LT(session_.NextDeadline(), At(10));
  EXPECT_EQ(session_.NextFrame(At(7)), nullptr);
  const RequestFrame frame = session_.NextFrame(session_.NextDeadline());
  ASSERT_TRUE(frame->has_renew());
  EXPECT_EQ(session_.NextFrame(At(7.6)), nullptr);
}

TEST_F(StreamSessionTest, FencesItselfWhenNoRenewalIsAnswered) {
  Open();
  session_.send().Push({"a"});
  EXPECT_EQ(session_.NextFrame(At(30)), nullptr);
  EXPECT_EQ(session_.state(), StreamSession::State::kEnded);
  EXPECT_TRUE(HasReason(session_.status(), v1::LEASE_EXPIRED));
  EXPECT_EQ(MetadataOf(session_.status())["session_id"], "s1");
  EXPECT_EQ(session_.status().message().substr(0, 26), "node rack-7: channel work:");
}

TEST_F(StreamSessionTest, LivesOnWhenRenewalsAreAnswered) {
  Open();
  for (int i = 1; i < 20; ++i) {
    const RequestFrame renew = session_.NextFrame(At(8 * i));
    ASSERT_NE(renew, nullptr);
    session_.OnFrame(Renewed(renew), At(8 * i + 1));
  }
  EXPECT_EQ(session_.state(), StreamSession::State::kOpen);
}

TEST_F(StreamSessionTest, ConfirmsALeaseWhoseGrantCameLate) {
  for (const double late : {25, 45}) {  // after a wait for a held lane even later than the lease is long
    StreamSession session("rack-7", ChannelWork(), BothLanes(), 0);
    session.OnCallStarted(At(0));
    session.OnFrame(Attached(), At(late));
    EXPECT_EQ(session.state(), StreamSession::State::kAttaching);
    const RequestFrame renew = session.NextFrame(At(late));
    ASSERT_TRUE(renew != nullptr && renew->has_renew());
    session.OnTime(At(late));
    session.OnFrame(Renewed(renew), At(late + 1));
    EXPECT_EQ(session.state(), StreamSession::State::kOpen);
  }
}

TEST_F(StreamSessionTest, ResumesTheSameLanesWhereBothSidesStand) {
  Open();
  for (const char* payload : {"a", "b", "c"}) session_.send().Push({payload});
  session_.NextFrame(At(1));
  session_.OnFrame(Messages(0, "m"), At(1));
  session_.receive().Take(1);
  ASSERT_TRUE(session_.receive().Ack(1).ok());
  session_.OnCallEnded(absl::UnavailableError("reset"), At(2));
  EXPECT_EQ(session_.state(), StreamSession::State::kBroken);
  EXPECT_FALSE(session_.ShouldStartCall(At(2)));
  EXPECT_TRUE(session_.ShouldStartCall(At(2.05)));
  session_.OnCallStarting();
  const RequestFrame attach = session_.OnCallStarted(At(3));
  EXPECT_EQ(attach->attach().session_id(), "s1");
  EXPECT_TRUE(attach->attach().resume());
  EXPECT_EQ(attach->attach().resume_acked(), 1u);
  EXPECT_EQ(attach->attach().host_to_chip().lane(), 1u);
  EXPECT_EQ(attach->attach().chip_to_host().lane(), 2u);
  session_.OnFrame(Attached(1, 1), At(3));
  EXPECT_EQ(session_.Positions().reconnects, 1u);
  EXPECT_EQ(session_.Positions().published, 1u);
  const RequestFrame next = session_.NextFrame(At(3));
  EXPECT_EQ(next->messages().packed().payloads(), "bc");
  EXPECT_EQ(next->messages().ack().through(), 1u) << "the node has not heard it";
}

TEST_F(StreamSessionTest, GivesUpWhenTheLeaseEndsWhileAway) {
  Open();
  session_.OnCallEnded(absl::UnavailableError("connection refused"), At(29));
  session_.OnCallStarting();
  session_.OnCallEnded(absl::UnavailableError("connection refused"), At(29.5));
  EXPECT_EQ(session_.state(), StreamSession::State::kBroken);
  session_.OnTime(At(30));
  EXPECT_TRUE(HasReason(session_.status(), v1::LEASE_EXPIRED));
}

TEST_F(StreamSessionTest, BreaksOffAnAttachThatIsNotAnsweredSoonerThanTheLeaseEnds) {
  Open();
  session_.OnCallEnded(absl::UnavailableError("reset"), At(1));
  session_.OnCallStarting();
  EXPECT_FALSE(session_.ShouldBreakOff(At(10))) << "connecting may take its time";
  session_.OnCallStarted(At(10));
  EXPECT_EQ(session_.NextDeadline(), At(12));
  EXPECT_FALSE(session_.ShouldBreakOff(At(11.9)));
  ASSERT_TRUE(session_.ShouldBreakOff(At(12)));
  session_.OnBreakingOff();
  EXPECT_FALSE(session_.ShouldBreakOff(At(13))) << "once";
  session_.OnCallEnded(absl::CancelledError(""), At(12));
  EXPECT_TRUE(session_.ShouldStartCall(At(12.05)));
  session_.OnCallStarting();
  session_.OnCallStarted(At(12.1));
  EXPECT_FALSE(session_.ShouldBreakOff(At(16))) << "the second one has twice as long";
  session_.OnFrame(Attached(), At(16));
  EXPECT_EQ(session_.state(), StreamSession::State::kOpen);
}

TEST_F(StreamSessionTest, BreaksOffWhenARenewalIsNotAnsweredAndNothingElseComes) {
  Open();
  ASSERT_TRUE(session_.NextFrame(At(7.5))->has_renew());
  session_.OnFrame(Progress(0), At(9));
  EXPECT_FALSE(session_.ShouldBreakOff(At(13.9))) << "something came";
  EXPECT_TRUE(session_.ShouldBreakOff(At(14)));
}

TEST_F(StreamSessionTest, BreaksOffWhenARenewalCannotEvenBeSentAndDoesNotSpinUntilThen) {
  Open();  // a write that never ends is under way from here on
  EXPECT_EQ(session_.NextDeadline(false), At(7.5));
  EXPECT_EQ(session_.NextDeadline(true), At(12.5));
  EXPECT_FALSE(session_.ShouldBreakOff(At(12.4)));
  EXPECT_TRUE(session_.ShouldBreakOff(At(12.5)));
}

TEST_F(StreamSessionTest, SaysDetachAgainWhenItIsBrokenBeforeTheAnswer) {
  Open();
  session_.RequestDetach();
  ASSERT_TRUE(session_.NextFrame(At(1))->has_detach());
  session_.OnCallEnded(absl::UnavailableError("reset"), At(1));
  EXPECT_EQ(session_.state(), StreamSession::State::kBroken);
  session_.OnCallStarting();
  session_.OnCallStarted(At(2));
  session_.OnFrame(Attached(), At(2));
  ASSERT_TRUE(session_.NextFrame(At(2))->has_detach());
  session_.OnCallEnded(absl::OkStatus(), At(2));
  EXPECT_TRUE(session_.detach_sent());
  EXPECT_TRUE(absl::IsCancelled(session_.status()));
}

TEST_F(StreamSessionTest, TakesTheNodesFinalWord) {
  Open();
  session_.OnFrame(Messages(0, "last"), At(1));
  const absl::Status lost = MakeError(absl::StatusCode::kAborted, v1::SESSION_LOST, "lost", {{"published", "7"}});
  session_.OnCallEnded(lost, At(1));
  EXPECT_EQ(session_.status(), lost);
  EXPECT_TRUE(session_.CheckReceive().ok()) << "what came before the end is still to be received";
  session_.receive().Take(1);
  EXPECT_EQ(session_.CheckReceive(), lost);
  EXPECT_EQ(session_.CheckSend({"x"}), lost);
}

TEST_F(StreamSessionTest, DoesNotRetryTheFirstAttach) {
  session_.OnCallStarted(At(0));
  EXPECT_FALSE(session_.ShouldBreakOff(At(1000))) << "its caller keeps the time";
  session_.OnCallEnded(absl::UnavailableError("connection refused"), At(0));
  EXPECT_EQ(session_.state(), StreamSession::State::kEnded);
}

TEST_F(StreamSessionTest, NoticesALaneResetWhileAway) {
  Open();
  session_.OnCallEnded(absl::UnavailableError(""), At(1));
  session_.OnCallStarting();
  session_.OnCallStarted(At(2));
  auto attached = Attached();
  attached->mutable_attached()->mutable_host_to_chip()->set_generation(10);
  session_.OnFrame(attached, At(2));
  EXPECT_TRUE(HasReason(session_.status(), v1::LANE_RESET));
}

TEST_F(StreamSessionTest, EndsWhenTheNodeBreaksTheProtocol) {
  Open();
  session_.OnFrame(Progress(1), At(1));
  EXPECT_EQ(session_.status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(StreamSessionTest, DetachesAfterEverythingWasSent) {
  Open();
  session_.send().Push({"a"});
  session_.RequestDetach();
  EXPECT_TRUE(absl::IsCancelled(session_.CheckSend({"b"})));
  EXPECT_TRUE(session_.NextFrame(At(1))->has_messages());
  EXPECT_TRUE(session_.NextFrame(At(1))->has_detach());
  EXPECT_EQ(session_.NextFrame(At(1)), nullptr);
  session_.OnCallEnded(absl::OkStatus(), At(1));
  EXPECT_TRUE(absl::IsCancelled(session_.status()));
}

TEST_F(StreamSessionTest, RefusesDirectionsItDoesNotHold) {
  StreamOptions options;
  options.receive = LaneChoice::Lane(0);
  StreamSession receiver("n", ChannelWork(), options, 0);
  EXPECT_TRUE(HasReason(receiver.CheckSend({"x"}), v1::DIRECTION_NOT_HELD));
  EXPECT_TRUE(receiver.CheckReceive().ok());
}

TEST_F(StreamSessionTest, RefusesAMessageTooLargeWithNodeChannelAndLane) {
  Open();
  const absl::Status status = session_.CheckSend({std::string(257, 'x')});
  EXPECT_EQ(status.message(), "node rack-7: channel work: lane 1: message of 257 bytes > max_message_bytes 256");
  EXPECT_TRUE(HasReason(status, v1::MESSAGE_TOO_LARGE));
}

}  // namespace
}  // namespace l3link::client
