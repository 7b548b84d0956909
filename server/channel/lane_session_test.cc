// LaneSession as a whole: attach, what ends it, linger, announcements.
#include "server/channel/lane_session.h"

#include "server/channel/session_bench.h"

namespace l3link {
namespace {

class LaneSessionTest : public SessionBench {};

TEST_F(LaneSessionTest, AnswersAttachWithWhereTheLanesStand) {
  Attach();
  EXPECT_EQ(attached_.session_id(), "s");
  EXPECT_EQ(attached_.epoch(), 1u);
  EXPECT_EQ(attached_.lease_ttl().seconds(), 30);
  EXPECT_EQ(attached_.max_frame_bytes(), 256u);
  EXPECT_EQ(attached_.send_window().messages(), 8u);
  EXPECT_EQ(attached_.send_window().bytes(), 512u);
  EXPECT_EQ(attached_.host_to_chip().lane(), 2u);
  EXPECT_EQ(attached_.host_to_chip().generation(), 7u);
  EXPECT_EQ(attached_.host_to_chip().depth(), 4u);
  EXPECT_EQ(attached_.chip_to_host().lane(), 3u);
  EXPECT_EQ(attached_.chip_to_host().max_message_bytes(), 64u);
  EXPECT_EQ(NextText(), "");
  EXPECT_EQ(session_->next_timer(), kNever);  // an idle stream wants nothing
}

// A client with a full window would else send as few messages at a time as the chip has just taken.
TEST_F(LaneSessionTest, TellsOfLittleThatIsPublishedALittleLaterWhileMoreWaits) {
  Attach();
  for (int i = 0; i < 8; ++i) Send("messages { unsequenced: true messages { text: 'a' } }");
  EXPECT_EQ(NextText(), "progress { published: 4 }") << "half of the window";
  chip_.Take();
  session_->OnActivity(now_);
  EXPECT_EQ(NextText(), "");
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(NextText(), "progress { published: 5 consumed: 1 }");
  chip_.Take();
  chip_.Take();
  session_->OnActivity(now_);
  EXPECT_EQ(NextText(), "progress { published: 7 consumed: 3 }") << "a quarter of the window";
  chip_.Take();
  session_->OnActivity(now_);
  EXPECT_EQ(NextText(), "progress { published: 8 consumed: 4 }") << "nothing is left to publish";
  Pass(absl::Milliseconds(5));
  EXPECT_EQ(NextText(), "");
}

TEST_F(LaneSessionTest, RefusesASecondAttachAndAFrameWithoutContent) {
  Attach();
  Send("attach { }");
  EXPECT_TRUE(EndedBy(Reason::kATTACH_TWICE));
  EXPECT_FALSE(session_->releases_lanes());
  Attach();
  Send("");
  EXPECT_TRUE(EndedBy(Reason::kMALFORMED_FRAME));
}

TEST_F(LaneSessionTest, FreesTheLanesOfANamelessSessionAfterItsClientsMistakeAndOnlyThen) {
  setup_.session_made_up = true;
  for (const char* mistake : {"attach { }", "messages { first_sequence: 9 messages { } }", "ack { through: 9 }"}) {
    Attach();
    Send(mistake);
    EXPECT_TRUE(session_->ended()) << mistake;
    EXPECT_TRUE(session_->releases_lanes()) << mistake << session_->status();
  }
  Attach();
  session_->End(absl::CancelledError("the client is gone"));
  EXPECT_FALSE(session_->releases_lanes());
  Attach();
  chip_.SetHead(9);
  Send("messages { messages { text: 'a' } }");
  Pass(absl::Milliseconds(20));
  EXPECT_TRUE(EndedBy(Reason::kLANE_POISONED));
  EXPECT_FALSE(session_->releases_lanes());
}

TEST_F(LaneSessionTest, RefusesFramesOfADirectionThatItDoesNotHold) {
  setup_.producer = nullptr;
  Attach();
  EXPECT_FALSE(attached_.has_host_to_chip());
  Send("messages { messages { text: 'a' } }");
  EXPECT_TRUE(EndedBy(Reason::kDIRECTION_NOT_HELD));
  setup_.producer = &chip_.producer;
  setup_.consumer = nullptr;
  Attach();
  Send("ack { through: 0 }");
  EXPECT_TRUE(EndedBy(Reason::kDIRECTION_NOT_HELD));
}

TEST_F(LaneSessionTest, AnswersRenewalsAndForgetsTheOldestOfAFlood) {
  Attach();
  for (int i = 0; i < 70; ++i) Send("renew { token: " + std::to_string(i) + " }");
  EXPECT_EQ(NextText(), "renewed { token: 6 }");
  for (int i = 7; i < 70; ++i) EXPECT_EQ(Next().renewed().token(), static_cast<uint64_t>(i));
  EXPECT_EQ(NextText(), "");
}

TEST_F(LaneSessionTest, DetachReleasesAtOnce) {
  Attach();
  Send("detach { }");
  EXPECT_TRUE(session_->ended());
  EXPECT_TRUE(session_->status().ok());
  EXPECT_TRUE(session_->releases_lanes());
}

TEST_F(LaneSessionTest, LingersAfterHalfCloseUntilNothingComesAnyMore) {
  setup_.delivery.auto_ack = true;
  Attach();
  Send("messages { messages { text: 'a' } }");
  session_->OnHalfClose(now_);
  EXPECT_EQ(NextText(), "progress { published: 1 }");
  Pass(absl::Milliseconds(900));
  EXPECT_EQ(chip_.Take(), "a");
  chip_.Give("A");
  session_->OnActivity(now_);
  EXPECT_EQ(Next().messages().messages(0).data(), "A");
  EXPECT_EQ(chip_.consumer.acked(), 1u);
  Pass(absl::Milliseconds(900));
  EXPECT_FALSE(session_->ended());
  while (!NextText().empty()) {
  }
  Pass(absl::Milliseconds(200));
  EXPECT_TRUE(session_->ended());
  EXPECT_TRUE(session_->status().ok());
}

TEST_F(LaneSessionTest, LingersUntilSoManyMessagesWereDeliveredAndNoMore) {
  setup_.linger.max_messages = 2;
  Attach();
  session_->OnHalfClose(now_);
  for (const char* text : {"a", "b", "c"}) chip_.Give(text);
  session_->OnActivity(now_);
  EXPECT_EQ(Next().messages().messages_size(), 2);
  EXPECT_TRUE(session_->ended());
  EXPECT_TRUE(session_->releases_lanes());
  EXPECT_EQ(chip_.consumer.acked(), 0u);
}

TEST_F(LaneSessionTest, LingersUntilAllThatWasAcceptedIsPublished) {
  setup_.consumer = nullptr;
  Attach();
  Send(
      "messages { messages { text: '0' } messages { text: '1' } messages { text: '2' } messages { text: '3' }"
      " messages { text: '4' } }");
  session_->OnHalfClose(now_);
  Pass(absl::Hours(1));
  EXPECT_FALSE(session_->ended());
  EXPECT_EQ(chip_.Take(), "0");
  session_->OnActivity(now_);
  EXPECT_EQ(Next().progress().published(), 5u);
  EXPECT_TRUE(session_->ended());
  EXPECT_TRUE(session_->status().ok());
}

TEST_F(LaneSessionTest, AnnouncesTheChipsStateAndTheNodesStop) {
  Attach();
  session_->OnChipState(true, "heartbeat stopped");
  session_->OnDraining(After(now_, absl::Seconds(10)));
  EXPECT_EQ(NextText(), "draining { deadline { seconds: 10 } }");
  EXPECT_EQ(NextText(), "chip_state { lost: true detail: \"heartbeat stopped\" }");
  Pass(absl::Seconds(9));
  EXPECT_FALSE(session_->ended());
  Pass(absl::Seconds(1));
  EXPECT_TRUE(EndedBy(Reason::kNODE_DRAINING));
}

TEST_F(LaneSessionTest, SaysHowFarItGotWhenItsLaneIsResetOrClosed) {
  Attach();
  Send("messages { messages { text: 'a' } messages { text: 'b' } }");
  chip_.Give("x");
  session_->OnActivity(now_);
  while (!NextText().empty()) {
  }
  Send("ack { through: 1 }");
  session_->OnLaneGone(/*channel_closed=*/false, to_chip_.key(), 99);
  EXPECT_TRUE(EndedBy(Reason::kLANE_RESET));
  EXPECT_EQ(Value("generation"), "99");
  EXPECT_EQ(Value("published"), "2");
  EXPECT_EQ(Value("acked"), "1");
  Attach();
  session_->OnLaneGone(/*channel_closed=*/true, to_chip_.key(), 0);
  EXPECT_TRUE(EndedBy(Reason::kCHANNEL_CLOSED));
}

TEST_F(LaneSessionTest, LeavesNothingOfAHalfMessageWhenItsOtherLaneIsReset) {
  Attach();
  Send("messages { fragment { total_bytes: 4 data: 'ab' } }");
  session_->OnLaneGone(/*channel_closed=*/false, to_host_.key(), 99);
  ASSERT_FALSE(chip_.producer.reserved());
  Attach();
  Send("messages { fragment { total_bytes: 6 data: 'xyz' } }");
  Send("messages { fragment { offset: 3 total_bytes: 6 data: 'xyz' } }");
  EXPECT_EQ(chip_.Take(), "xyzxyz");
}

TEST_F(LaneSessionTest, PublishesNothingUnderAnOldEpoch) {
  Attach();
  to_chip_.Grant("other");
  Send("messages { messages { text: 'zombie' } }");
  EXPECT_TRUE(EndedBy(Reason::kSESSION_SUPERSEDED));
  EXPECT_EQ(chip_.Take(), "-");
}

TEST_F(LaneSessionTest, AcknowledgesNothingUnderAnOldEpoch) {
  Attach();
  chip_.Give("x");
  EXPECT_EQ(Next().messages().messages(0).data(), "x");
  to_host_.Grant("other");
  Send("ack { through: 1 }");
  EXPECT_TRUE(EndedBy(Reason::kSESSION_SUPERSEDED));
  EXPECT_EQ(chip_.consumer.acked(), 0u);
}

TEST_F(LaneSessionTest, AcknowledgesWhatComesWithMessages) {
  Attach();
  chip_.Give("y");
  Next();
  Send("messages { unsequenced: true messages { text: 'x' } ack { through: 1 } }");
  EXPECT_EQ(chip_.consumer.acked(), 1u);
  EXPECT_EQ(chip_.Take(), "x");
  Send("messages { unsequenced: true messages { text: 'x' } ack { through: 9 } }");
  EXPECT_TRUE(EndedBy(Reason::kACK_BEYOND_DELIVERED));
  EXPECT_EQ(chip_.Take(), "-");
}

}  // namespace
}  // namespace l3link
