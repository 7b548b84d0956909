// The receiving half of LaneSession: what is delivered in which frames, and what acks do.
#include "server/channel/outbound_lane.h"

#include "server/channel/session_bench.h"

namespace l3link {
namespace {

class OutboundLaneTest : public SessionBench {
 protected:
  OutboundLaneTest() : SessionBench(Geometry(8, 600)) { setup_.producer = nullptr; }
  void GiveAll(std::initializer_list<const char*> payloads) {
    for (const char* payload : payloads) chip_.Give(payload);
    session_->OnActivity(now_);
  }
};

TEST_F(OutboundLaneTest, PutsAllThatIsThereIntoOneFrame) {
  setup_.delivery.form = v1::FORM_PACKED;
  Attach();
  chip_.Give("a", 1, 10);
  chip_.Give("", 2, 20);
  GiveAll({"ccc"});
  const v1::Messages frame = Next().messages();
  EXPECT_EQ(frame.first_sequence(), 0u);
  EXPECT_EQ(frame.packed().payloads(), "accc");
  ASSERT_EQ(frame.packed().sizes_size(), 3);
  EXPECT_EQ(frame.packed().sizes(1), 0u);
  EXPECT_EQ(frame.packed().routes(1), 2u);
  EXPECT_EQ(frame.packed().correlation_ids(1), 20u);
  EXPECT_EQ(NextText(), "");
  EXPECT_EQ(chip_.consumer.acked(), 0u);
}

TEST_F(OutboundLaneTest, KeepsFramesBelowTheirLimit) {
  setup_.delivery.form = v1::FORM_PACKED;
  Attach();
  const std::string hundred(100, 'x');
  GiveAll({hundred.c_str(), hundred.c_str(), hundred.c_str()});
  EXPECT_EQ(Next().messages().packed().sizes_size(), 2);  // of 256 bytes a frame
  const v1::Messages second = Next().messages();
  EXPECT_EQ(second.first_sequence(), 2u);
  EXPECT_EQ(second.packed().sizes_size(), 1);
}

TEST_F(OutboundLaneTest, AcknowledgesWhatAnEarlierStreamLeftHalfRedelivered) {
  Attach();
  GiveAll({std::string(600, 'x').c_str()});
  while (Next().has_messages()) {
  }
  Attach();
  ASSERT_EQ(Next().messages().fragment().offset(), 0u);
  EXPECT_TRUE(AckThrough(chip_.consumer, 1));
  EXPECT_FALSE(chip_.consumer.poison().has_value());
  EXPECT_EQ(chip_.consumer.acked(), 1u);
}

TEST_F(OutboundLaneTest, ShowsTextWhereItIsTextAndHexElsewhere) {
  setup_.delivery.form = v1::FORM_TEXT;
  Attach();
  GiveAll({"gr\xC3\xBC\xC3\x9F", "\xFF", "\xED\xA0\x80"});  // the last one a surrogate
  const v1::Messages frame = Next().messages();
  ASSERT_EQ(frame.messages_size(), 3);
  EXPECT_EQ(frame.messages(0).text(), "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(frame.messages(1).hex(), "ff");
  EXPECT_EQ(frame.messages(2).hex(), "eda080");
}

TEST_F(OutboundLaneTest, StopsAtTheReceiveWindowUntilAcksCome) {
  setup_.delivery.window_messages = 2;
  Attach();
  GiveAll({"a", "b", "c"});
  ASSERT_EQ(Next().messages().messages_size(), 2);
  EXPECT_EQ(NextText(), "");
  Send("ack { through: 1 }");
  EXPECT_EQ(chip_.consumer.acked(), 1u);
  EXPECT_EQ(Next().messages().messages(0).data(), "c");
}

TEST_F(OutboundLaneTest, AlwaysHasRoomForOneMessage) {
  setup_.delivery.window_bytes = 1;
  Attach();
  GiveAll({"abc", "def"});
  EXPECT_EQ(Next().messages().messages(0).data(), "abc");
  EXPECT_EQ(NextText(), "");
  Send("ack { through: 1 }");
  EXPECT_EQ(Next().messages().messages(0).data(), "def");
}

TEST_F(OutboundLaneTest, RefusesAcksBeyondWhatWasDelivered) {
  Attach();
  GiveAll({"a", "b"});
  Send("ack { through: 1 }");  // there, but not delivered
  EXPECT_TRUE(EndedBy(Reason::kACK_BEYOND_DELIVERED));
  EXPECT_EQ(Value("through"), "1");
  EXPECT_EQ(Value("delivered"), "0");
}

TEST_F(OutboundLaneTest, SendsALargeMessageInFragments) {
  Attach();
  std::string large(600, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i);
  chip_.Give(large, 7, 70);
  session_->OnActivity(now_);
  std::string received;
  for (v1::StreamResponse frame = Next(); frame.has_messages(); frame = Next()) {
    const v1::Fragment& fragment = frame.messages().fragment();
    EXPECT_EQ(fragment.offset(), received.size());
    EXPECT_EQ(fragment.total_bytes(), 600u);
    EXPECT_EQ(fragment.route(), 7u);
    EXPECT_EQ(fragment.correlation_id(), 70u);
    EXPECT_LE(frame.ByteSizeLong(), 256u);
    received += fragment.data();
  }
  EXPECT_EQ(received, large);
  Send("ack { through: 1 }");
  EXPECT_EQ(chip_.consumer.acked(), 1u);
}

TEST_F(OutboundLaneTest, DeliversAgainFromTheFirstUnacknowledgedAndSaysSo) {
  Attach();
  GiveAll({"a", "b", "c"});
  EXPECT_EQ(Next().messages().messages_size(), 3);
  Send("ack { through: 1 }");
  setup_.delivery.resumed = true;
  Attach();
  EXPECT_EQ(attached_.chip_to_host().next_sequence(), 1u);
  EXPECT_EQ(attached_.chip_to_host().redelivered_through(), 3u);
  const v1::Messages frame = Next().messages();
  EXPECT_EQ(frame.first_sequence(), 1u);
  EXPECT_TRUE(frame.messages(0).redelivered());
}

TEST_F(OutboundLaneTest, TakesAcksOfAnEarlierStreamOfTheSameSession) {
  Attach();
  GiveAll({"a", "b", "c"});
  EXPECT_EQ(Next().messages().messages_size(), 3);
  setup_.delivery.resumed = true;
  Attach();
  Send("ack { through: 2 }");
  EXPECT_EQ(chip_.consumer.acked(), 2u);
  EXPECT_EQ(Next().messages().messages(0).data(), "c");
  setup_.delivery.resumed = false;  // another session has to have it delivered first
  Attach();
  Send("ack { through: 3 }");
  EXPECT_TRUE(EndedBy(Reason::kACK_BEYOND_DELIVERED));
}

TEST_F(OutboundLaneTest, AcknowledgesByItselfOnceTheFrameHasLeft) {
  setup_.delivery.auto_ack = true;
  Attach();
  GiveAll({"a", "b"});
  v1::StreamResponse frame;
  ASSERT_TRUE(session_->Fill(&frame, now_));
  EXPECT_EQ(chip_.consumer.acked(), 0u);
  session_->OnWritten(now_);
  EXPECT_EQ(chip_.consumer.acked(), 2u);
}

TEST_F(OutboundLaneTest, JournalsWhatIsDeliveredBeforeTheFrameCanLeave) {
  Attach();
  GiveAll({"a", "b"});
  v1::StreamResponse frame;
  ASSERT_TRUE(session_->Fill(&frame, now_));
  ASSERT_EQ(frame.messages().messages_size(), 2);
  EXPECT_EQ(chip_.JournaledDelivered(), 2u);
  session_->OnWritten(now_);
  GiveAll({std::string(600, 'x').c_str()});
  while (Next().has_messages()) {
  }
  EXPECT_EQ(chip_.JournaledDelivered(), 3u) << "and the last piece of a large one";
}

TEST_F(OutboundLaneTest, DeliversAndAcknowledgesNothingUnderAnOldEpoch) {
  setup_.delivery.auto_ack = true;
  Attach();
  GiveAll({"a"});
  v1::StreamResponse frame;
  ASSERT_TRUE(session_->Fill(&frame, now_));
  to_host_.Grant("other");
  session_->OnWritten(now_);
  EXPECT_EQ(chip_.consumer.acked(), 0u);
  GiveAll({"b"});
  EXPECT_EQ(NextText(), "");
}

TEST_F(OutboundLaneTest, DeliversWhatIsGoodAndThenEndsWithTheEvidence) {
  Attach();
  GiveAll({"a"});
  EXPECT_EQ(Next().messages().messages(0).data(), "a");
  Send("ack { through: 1 }");
  chip_.SetTail(100);
  session_->OnActivity(now_);
  EXPECT_EQ(NextText(), "");
  EXPECT_TRUE(EndedBy(Reason::kLANE_POISONED));
  EXPECT_EQ(Value("poison"), "TAIL_RANGE");
  EXPECT_EQ(Value("acked"), "1");
}

TEST_F(OutboundLaneTest, KeepsItsFramesBuffersFromFrameToFrame) {
  setup_.delivery.form = v1::FORM_PACKED;
  Attach();
  v1::StreamResponse frame;
  GiveAll({"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"});
  ASSERT_TRUE(session_->Fill(&frame, now_));
  session_->OnWritten(now_);
  const char* const before = frame.messages().packed().payloads().data();
  Send("renew { token: 1 }");
  ASSERT_TRUE(session_->Fill(&frame, now_));
  ASSERT_TRUE(frame.has_renewed());
  session_->OnWritten(now_);
  GiveAll({"b"});
  ASSERT_TRUE(session_->Fill(&frame, now_));
  EXPECT_EQ(frame.messages().packed().payloads().data(), before);
}

}  // namespace
}  // namespace l3link
