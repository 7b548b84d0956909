// The sending half of LaneSession: what is published, parked, repeated and refused.
#include "server/channel/inbound_lane.h"

#include "server/channel/session_bench.h"

namespace l3link {
namespace {

class InboundLaneTest : public SessionBench {
 protected:
  std::string TakeAll() {
    std::string all;
    for (std::string next = chip_.Take(); next != "-"; next = chip_.Take()) all += next + " ";
    return all;
  }
};

TEST_F(InboundLaneTest, PublishesEveryFormInOrder) {
  Attach();
  Send("messages { messages { text: 'a' } messages { hex: '6262' } }");
  Send(
      "messages { first_sequence: 2 packed { sizes: [0, 3] routes: [1, 2] correlation_ids: [3, 4] payloads: 'ccc' } }");
  EXPECT_EQ(NextText(), "progress { published: 4 }");
  EXPECT_EQ(TakeAll(), "a bb  ccc ");
}

TEST_F(InboundLaneTest, ParksWhatTheRingHasNoRoomForAndPublishesItWhenThereIs) {
  Attach();
  Send("messages { packed { sizes: [1, 1, 1, 1, 1, 1] payloads: 'abcdef' } }");
  Send("messages { first_sequence: 6 messages { text: 'g' } }");
  EXPECT_EQ(Next().progress().published(), 4u);
  EXPECT_EQ(chip_.Take(), "a");
  session_->OnActivity(now_);
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(Next().progress().published(), 5u);
  EXPECT_EQ(TakeAll(), "b c d e ");
  session_->OnActivity(now_);
  EXPECT_EQ(TakeAll(), "f g ");
}

// A zombie's frames that the node had taken before, and for which there is room only now.
TEST_F(InboundLaneTest, PublishesNothingOfWhatIsParkedUnderAnOldEpoch) {
  Attach();
  Send("messages { packed { sizes: [1, 1, 1, 1, 1] payloads: 'abcde' } }");
  EXPECT_EQ(TakeAll(), "a b c d ");
  to_chip_.Grant("other");
  session_->OnActivity(now_);
  EXPECT_TRUE(EndedBy(Reason::kSESSION_SUPERSEDED));
  EXPECT_EQ(TakeAll(), "");
}

TEST_F(InboundLaneTest, AcknowledgesADuplicateAgainAndAppliesAnOverlapFromWhereItIsNew) {
  Attach();
  Send("messages { messages { text: 'a' } messages { text: 'b' } }");
  EXPECT_EQ(Next().progress().published(), 2u);
  Send("messages { messages { text: 'A' } messages { text: 'B' } }");
  EXPECT_EQ(Next().progress().published(), 2u);
  Send("messages { first_sequence: 1 packed { sizes: [2, 1] payloads: 'xxc' } }");
  EXPECT_EQ(Next().progress().published(), 3u);
  EXPECT_EQ(TakeAll(), "a b c ");
}

TEST_F(InboundLaneTest, RefusesAGap) {
  Attach();
  Send("messages { first_sequence: 1 messages { text: 'b' } }");
  EXPECT_TRUE(EndedBy(Reason::kSEQUENCE_GAP));
  EXPECT_EQ(Value("expected"), "0");
  EXPECT_EQ(Value("first_sequence"), "1");
  EXPECT_EQ(chip_.Take(), "-");
}

TEST_F(InboundLaneTest, CountsOnWhereTheClientDoesNotCount) {
  Attach();
  for (const char* text : {"a", "b", "c"}) {
    Send(std::string("messages { unsequenced: true messages { text: '") + text + "' } }");
  }
  EXPECT_EQ(TakeAll(), "a b c ");
}

TEST_F(InboundLaneTest, EndsBeyondTheWindowOfMessagesOrBytes) {
  Attach();
  for (int i = 0; i < 12; ++i) Send("messages { unsequenced: true messages { } }");  // 4 in the ring, 8 parked
  EXPECT_FALSE(session_->ended());
  Send("messages { unsequenced: true messages { } }");
  EXPECT_TRUE(EndedBy(Reason::kWINDOW_EXCEEDED));
  EXPECT_EQ(Value("window_messages"), "8");
  EXPECT_EQ(Value("published"), "4");

  setup_.send_window = {100, 100};
  Attach();
  const std::string sixty = "messages { unsequenced: true messages { data: '" + std::string(60, 'x') + "' } }";
  Send(sixty);
  EXPECT_FALSE(session_->ended());
  Send(sixty);
  EXPECT_TRUE(EndedBy(Reason::kWINDOW_EXCEEDED));
  EXPECT_EQ(Value("window_bytes"), "100");
}

TEST_F(InboundLaneTest, AssemblesFragmentsInTheRing) {
  Attach();
  Send("messages { fragment { total_bytes: 5 route: 3 data: 'ab' } }");
  EXPECT_EQ(NextText(), "");
  EXPECT_EQ(chip_.Take(), "-");
  Send("messages { fragment { offset: 2 total_bytes: 5 data: 'cde' } }");
  Send("messages { first_sequence: 1 fragment { } }");
  EXPECT_EQ(Next().progress().published(), 2u);
  EXPECT_EQ(TakeAll(), "abcde  ");
}

TEST_F(InboundLaneTest, ParksFragmentsAsWell) {
  Attach();
  Send("messages { messages { } messages { } messages { } messages { } }");
  Send("messages { first_sequence: 4 fragment { total_bytes: 4 data: 'ab' } }");
  Send("messages { first_sequence: 4 fragment { offset: 2 total_bytes: 4 data: 'cd' } }");
  Send("messages { first_sequence: 5 messages { text: 'z' } }");
  EXPECT_EQ(TakeAll(), "    ");
  session_->OnActivity(now_);
  EXPECT_EQ(TakeAll(), "abcd z ");
}

TEST_F(InboundLaneTest, RefusesFragmentsThatDoNotGoOn) {
  const char* const second[] = {
      "messages { fragment { offset: 3 total_bytes: 4 data: 'd' } }",
      "messages { fragment { offset: 0 total_bytes: 4 data: 'ab' } }",
      "messages { fragment { offset: 2 total_bytes: 9 data: 'c' } }",
      "messages { messages { text: 'x' } }",
  };
  for (const char* frame : second) {
    Attach();
    Send("messages { fragment { total_bytes: 4 data: 'ab' } }");
    Send(frame);
    EXPECT_TRUE(EndedBy(Reason::kMALFORMED_FRAME)) << frame;
    EXPECT_EQ(chip_.producer.reserved(), false) << frame;
  }
}

TEST_F(InboundLaneTest, LeavesNothingOfAMessageThatIsNotWholeWhenTheStreamEnds) {
  Attach();
  Send("messages { fragment { total_bytes: 4 data: 'ab' } }");
  session_->End(absl::CancelledError("gone"));
  Attach();
  EXPECT_EQ(attached_.host_to_chip().next_sequence(), 0u);
  Send("messages { messages { text: 'new' } }");
  EXPECT_EQ(TakeAll(), "new ");
}

TEST_F(InboundLaneTest, EndsWithWhatWasPublishedWhenTheChipBreaksTheLane) {
  Attach();
  Send("messages { messages { text: 'a' } }");
  chip_.SetHead(9);
  Pass(absl::Milliseconds(20));
  EXPECT_TRUE(EndedBy(Reason::kLANE_POISONED));
  EXPECT_EQ(Value("poison"), "HEAD_RANGE");
  EXPECT_EQ(Value("published"), "1");
  EXPECT_EQ(Value("acked"), "0");
}

}  // namespace
}  // namespace l3link
