// What a stream says of acks and hears of progress, and with which frames.
#include "client/session_bench.h"
#include "client/stream_session.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

using StreamAcksTest = SessionBench;

TEST_F(StreamAcksTest, TakesAnAckAlongWithMessages) {
  Open();
  session_.OnFrame(Messages(0, "m"), At(1));
  session_.receive().AckLater(session_.receive().Take(1));
  EXPECT_EQ(session_.NextFrame(At(1)), nullptr);
  session_.send().Push({"a"});
  const RequestFrame frame = session_.NextFrame(At(1));
  EXPECT_EQ(frame->messages().packed().payloads(), "a");
  EXPECT_EQ(frame->messages().ack().through(), 1u);
  EXPECT_EQ(session_.NextFrame(At(1)), nullptr);
}

TEST_F(StreamAcksTest, SendsAnAckAloneWhereNoMessagesGo) {
  Open();
  session_.OnFrame(Messages(0, "m"), At(1));
  session_.receive().Take(1);
  ASSERT_TRUE(session_.receive().Ack(1).ok());
  EXPECT_EQ(session_.NextFrame(At(1))->ack().through(), 1u);
  EXPECT_EQ(session_.NextFrame(At(1)), nullptr);
}

TEST_F(StreamAcksTest, AcknowledgesBeforeItDetaches) {
  Open();
  session_.OnFrame(Messages(0, "m"), At(1));
  session_.receive().AckLater(session_.receive().Take(1));
  session_.RequestDetach();
  EXPECT_EQ(session_.NextFrame(At(1))->ack().through(), 1u);
  EXPECT_TRUE(session_.NextFrame(At(1))->has_detach());
}

TEST_F(StreamAcksTest, HearsOfProgressWithMessages) {
  Open();
  session_.send().Push({"a"});
  session_.NextFrame(At(1));
  const auto frame = Messages(0, "m");
  frame->mutable_messages()->mutable_progress()->set_published(1);
  session_.OnFrame(frame, At(1));
  EXPECT_TRUE(session_.send().all_published());
  EXPECT_EQ(session_.receive().received(), 1u);
}

TEST_F(StreamAcksTest, DoesNotRepeatAnAckWithMessagesThatAreSentAgain) {
  Open();
  session_.OnFrame(Messages(0, "m"), At(1));
  session_.receive().AckLater(session_.receive().Take(1));
  session_.send().Push({"a"});
  EXPECT_TRUE(session_.NextFrame(At(1))->messages().has_ack());
  session_.OnCallEnded(absl::UnavailableError("reset"), At(2));
  session_.OnCallStarting();
  EXPECT_EQ(session_.OnCallStarted(At(3))->attach().resume_acked(), 1u);
  const auto attached = Attached(0, 1);
  attached->mutable_attached()->mutable_chip_to_host()->set_consumed(1);
  session_.OnFrame(attached, At(3));
  const RequestFrame again = session_.NextFrame(At(3));
  EXPECT_EQ(again->messages().packed().payloads(), "a");
  EXPECT_FALSE(again->messages().has_ack());
}

}  // namespace
}  // namespace l3link::client
