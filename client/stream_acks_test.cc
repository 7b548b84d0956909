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

TEST_F(StreamAcksTest, SaysWhetherMoreMessagesFollow) {
  session_.OnCallStarted(At(0));
  const auto attached = Attached();
  attached->mutable_attached()->set_renewals_with_messages(true);
  session_.OnFrame(attached, At(0));
  session_.send().Push({std::string(4000, 'a')});
  session_.send().Push({"b"});
  session_.send().Push({std::string(4000, 'c')});
  EXPECT_TRUE(session_.NextFrame(At(1))->messages().more_follow());
  EXPECT_TRUE(session_.NextFrame(At(1))->messages().more_follow());
  EXPECT_EQ(session_.NextFrame(At(1)), nullptr) << "more than the window holds";
  session_.OnFrame(Progress(2), At(1));
  EXPECT_FALSE(session_.NextFrame(At(1))->messages().more_follow());
}

TEST_F(StreamAcksTest, RenewsWithMessagesWhereTheNodeTakesIt) {
  session_.OnCallStarted(At(0));
  const auto attached = Attached();
  attached->mutable_attached()->set_renewals_with_messages(true);
  session_.OnFrame(attached, At(0));
  session_.send().Push({"a"});
  const RequestFrame frame = session_.NextFrame(At(8));
  ASSERT_EQ(frame->messages().packed().payloads(), "a");
  const uint64_t token = frame->messages().renew_token();
  EXPECT_GT(token, 0u);
  EXPECT_EQ(session_.NextFrame(At(8)), nullptr);

  session_.OnCallEnded(absl::UnavailableError("reset"), At(9));
  session_.OnCallStarting();
  session_.OnCallStarted(At(9));
  session_.OnFrame(attached, At(9));
  EXPECT_EQ(session_.NextFrame(At(9))->messages().renew_token(), 0u) << "the same frame, and no renewal is due";
  ASSERT_TRUE(session_.NextFrame(At(17))->has_renew()) << "without messages alone";

  auto renewed = std::make_shared<v1::StreamResponse>();
  renewed->mutable_renewed()->set_token(token + 1);
  renewed->mutable_renewed()->mutable_progress()->set_published(1);
  session_.OnFrame(renewed, At(17));
  EXPECT_EQ(session_.Positions().published, 1u);
}

TEST_F(StreamAcksTest, RenewsByAFrameOfItsOwnWhereTheNodeKnowsNoOther) {
  Open();
  session_.send().Push({std::string(4000, 'a')});
  session_.send().Push({std::string(90, 'b')});
  EXPECT_TRUE(session_.NextFrame(At(8))->has_renew());
  const RequestFrame frame = session_.NextFrame(At(8));
  EXPECT_EQ(frame->messages().renew_token(), 0u);
  ASSERT_FALSE(session_.send().all_sent());
  EXPECT_FALSE(frame->messages().more_follow());
}

}  // namespace
}  // namespace l3link::client
