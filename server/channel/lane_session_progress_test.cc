// When a session tells its client how far its messages got, and with which frames.
#include <string>

#include "server/channel/lane_session.h"
#include "server/channel/session_bench.h"

namespace l3link {
namespace {

class LaneSessionProgressTest : public SessionBench {};

TEST_F(LaneSessionProgressTest, ReportsConsumptionALittleLaterAndOnce) {
  Attach();
  Send("messages { messages { text: 'a' } messages { text: 'b' } }");
  EXPECT_EQ(NextText(), "progress { published: 2 }");
  EXPECT_EQ(chip_.Take(), "a");
  EXPECT_EQ(chip_.Take(), "b");
  EXPECT_EQ(NextText(), "");
  Pass(absl::Milliseconds(20));
  EXPECT_EQ(NextText(), "progress { published: 2 consumed: 2 }");
  EXPECT_EQ(session_->next_timer(), kNever);
}

TEST_F(LaneSessionProgressTest, TakesTurnsBetweenProgressAndMessages) {
  Attach();
  std::string order;
  for (int i = 0; i < 6; ++i) {
    Send("messages { unsequenced: true messages { text: 'x' } }");
    chip_.Take();
    if (chip_.consumer.published() < 4) chip_.Give("y");
    session_->OnActivity(now_);
    order += Next().has_progress() ? 'p' : 'm';
  }
  EXPECT_NE(order.find("pm"), std::string::npos) << order;
  EXPECT_NE(order.find("mp"), std::string::npos) << order;
}

TEST_F(LaneSessionProgressTest, TellsProgressWithMessagesOnPackedStreams) {
  setup_.delivery.form = v1::FORM_PACKED;
  Attach();
  Send("messages { unsequenced: true messages { text: 'x' } }");
  chip_.Take();
  chip_.Give("y");
  session_->OnActivity(now_);
  const v1::StreamResponse frame = Next();
  EXPECT_EQ(frame.messages().packed().payloads(), "y");
  EXPECT_EQ(frame.messages().progress().published(), 1u);
  EXPECT_EQ(Next().frame_case(), v1::StreamResponse::FRAME_NOT_SET);
  chip_.Give("z");
  session_->OnActivity(now_);
  EXPECT_FALSE(Next().messages().has_progress());
}

TEST_F(LaneSessionProgressTest, TellsLittleProgressALittleLaterWhileMoreFollow) {
  Attach();
  Send("messages { messages { text: 'a' } more_follow: true }");
  EXPECT_EQ(chip_.Take(), "a") << "that it is published does not wait";
  Pass(absl::Milliseconds(9));
  EXPECT_EQ(NextText(), "");
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(NextText(), "progress { published: 1 consumed: 1 }");
  Send("messages { first_sequence: 1 messages { text: 'b' } }");
  EXPECT_EQ(NextText(), "progress { published: 2 consumed: 1 }") << "at once: none follow";
}

TEST_F(LaneSessionProgressTest, TellsSoonerWhenTheRingIsFull) {
  Attach();
  Send("messages { messages { text: 'a' } more_follow: true }");
  Send(
      "messages { first_sequence: 1 messages { text: 'b' } messages { text: 'c' } messages { text: 'd' } more_follow: "
      "true }");
  EXPECT_EQ(NextText(), "progress { published: 4 }");
  EXPECT_EQ(chip_.Take(), "a");
  Send("messages { first_sequence: 4 messages { text: 'e' } more_follow: true }");
  EXPECT_EQ(NextText(), "") << "in 10 ms";
  Send("messages { first_sequence: 5 messages { text: 'f' } more_follow: true renew_token: 3 }");
  EXPECT_EQ(NextText(), "renewed { token: 3 progress { published: 5 consumed: 1 } }") << "though its message is parked";
  EXPECT_EQ(chip_.Take(), "b");
  session_->OnActivity(now_);
  Send("messages { first_sequence: 6 messages { text: 'g' } more_follow: true }");
  EXPECT_EQ(NextText(), "");
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(NextText(), "progress { published: 6 consumed: 2 }");
}

TEST_F(LaneSessionProgressTest, TellsAllBeforeItEndsThoughMoreWereToFollow) {
  setup_.linger.idle = absl::Milliseconds(2);
  Attach();
  Send("messages { messages { text: 'a' } more_follow: true }");
  session_->OnHalfClose(now_);
  EXPECT_EQ(NextText(), "progress { published: 1 }");
  Pass(absl::Milliseconds(2));
  EXPECT_TRUE(session_->ended());
}

TEST_F(LaneSessionProgressTest, TellsAQuarterOfTheWindowAtOnceThoughMoreFollow) {
  setup_.send_window = {8, 512};
  Attach();
  Send("messages { messages { text: 'a' } messages { text: 'b' } more_follow: true }");
  EXPECT_EQ(NextText(), "progress { published: 2 }");
}

TEST_F(LaneSessionProgressTest, AnswersARenewalThatComesWithMessagesWithTheirProgress) {
  Attach();
  Send("messages { messages { text: 'a' } more_follow: true renew_token: 7 }");
  EXPECT_EQ(NextText(), "renewed { token: 7 progress { published: 1 } }");
  EXPECT_EQ(NextText(), "");
  Send("messages { first_sequence: 1 messages { text: 'b' } more_follow: true renew_token: 8 }");
  Send("renew { token: 9 }");
  v1::StreamResponse frame = Next();
  EXPECT_EQ(frame.renewed().token(), 8u);
  EXPECT_TRUE(session_->Fill(&frame, now_));
  EXPECT_EQ(frame.renewed().token(), 9u);
  EXPECT_FALSE(frame.renewed().has_progress()) << "who asks by a frame of its own may not know of it";
}

}  // namespace
}  // namespace l3link
