#include "client/receive_queue.h"

#include <memory>
#include <string>
#include <vector>

#include "client/errors.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

v1::AttachedLane LaneAt(uint64_t next, uint64_t consumed) {
  v1::AttachedLane lane;
  lane.set_next_sequence(next);
  lane.set_consumed(consumed);
  lane.set_max_message_bytes(1 << 20);
  lane.set_depth(8);
  return lane;
}

ResponseFrame Packed(uint64_t first, const std::vector<std::string>& payloads) {
  auto frame = std::make_shared<v1::StreamResponse>();
  frame->mutable_messages()->set_first_sequence(first);
  v1::PackedMessages& packed = *frame->mutable_messages()->mutable_packed();
  for (const std::string& payload : payloads) {
    packed.add_sizes(payload.size());
    packed.mutable_payloads()->append(payload);
  }
  return frame;
}

ResponseFrame Piece(uint64_t sequence, uint64_t offset, uint64_t total, const std::string& data) {
  auto frame = std::make_shared<v1::StreamResponse>();
  frame->mutable_messages()->set_first_sequence(sequence);
  v1::Fragment& fragment = *frame->mutable_messages()->mutable_fragment();
  fragment.set_offset(offset);
  fragment.set_total_bytes(total);
  fragment.set_route(3);
  fragment.set_correlation_id(33);
  fragment.set_data(data);
  return frame;
}

// "sequence=payload" of each.
std::vector<std::string> TakeAll(ReceiveQueue& queue, size_t at_most = SIZE_MAX) {
  std::vector<std::string> taken;
  while (!queue.empty()) {
    for (const ReceivedMessage& message : queue.Take(at_most)) {
      taken.push_back(std::to_string(message.sequence) + "=" + std::string(message.payload));
    }
  }
  return taken;
}

using Taken = std::vector<std::string>;

ReceiveQueue Attached(uint64_t next = 0, uint64_t consumed = 0) {
  ReceiveQueue queue(false);
  queue.Attach(LaneAt(next, consumed));
  return queue;
}

TEST(ReceiveQueueTest, HandsOutViewsThatOutliveTheQueue) {
  ReceivedBatch batch;
  {
    ReceiveQueue queue = Attached(4, 4);
    ASSERT_TRUE(queue.OnMessages(Packed(4, {"ab", "", "cde"})).ok());
    batch = queue.Take(10);
  }
  EXPECT_EQ(batch.first_sequence(), 4u);
  EXPECT_EQ(batch.through(), 7u);
  std::vector<std::string> payloads;
  for (const ReceivedMessage& message : batch) payloads.emplace_back(message.payload);
  EXPECT_EQ(payloads, (std::vector<std::string>{"ab", "", "cde"}));
}

TEST(ReceiveQueueTest, DividesAFrameAmongCalls) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b", "c"})).ok());
  ASSERT_TRUE(queue.OnMessages(Packed(3, {"d"})).ok());
  EXPECT_EQ(queue.Take(2).size(), 2u);
  EXPECT_EQ(queue.taken(), 2u);
  EXPECT_EQ(TakeAll(queue), (Taken{"2=c", "3=d"}));
  EXPECT_TRUE(queue.Take(1).empty());
}

TEST(ReceiveQueueTest, AcknowledgesOnlyWhatWasHandedOut) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b", "c"})).ok());
  queue.Take(2);
  EXPECT_TRUE(HasReason(queue.Ack(3), v1::ACK_BEYOND_DELIVERED));
  EXPECT_EQ(queue.NextAck(), std::nullopt);
  EXPECT_TRUE(queue.Ack(2).ok());
  EXPECT_EQ(queue.NextAck(), 2u);
  EXPECT_EQ(queue.NextAck(), std::nullopt);
  EXPECT_TRUE(queue.Ack(1).ok());
  EXPECT_EQ(queue.acked(), 2u);
}

TEST(ReceiveQueueTest, RefusesAFragmentThatSaysAnotherTotalThanTheFirst) {
  for (uint64_t total : {2, 5, 7}) {
    const std::string rest(total > 3 ? total - 3 : 1000, 'x');  // as long as that total would have it
    ReceiveQueue queue = Attached();
    ASSERT_TRUE(queue.OnMessages(Piece(0, 0, 6, "abc")).ok());
    EXPECT_FALSE(queue.OnMessages(Piece(0, 3, total, rest)).ok()) << total;
    EXPECT_TRUE(queue.empty());
  }
}

TEST(ReceiveQueueTest, PutsFragmentsTogether) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Piece(0, 0, 6, "abc")).ok());
  EXPECT_TRUE(queue.empty());
  ASSERT_TRUE(queue.OnMessages(Piece(0, 3, 6, "def")).ok());
  const ReceivedBatch batch = queue.Take(1);
  EXPECT_EQ(batch.front().payload, "abcdef");
  EXPECT_EQ(batch.front().route, 3u);
  EXPECT_EQ(batch.front().correlation_id, 33u);
}

TEST(ReceiveQueueTest, StartsALargeMessageAnewAfterAResume) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Piece(0, 0, 6, "abc")).ok());
  ASSERT_TRUE(queue.Resume(LaneAt(0, 0)).ok());
  EXPECT_FALSE(queue.OnMessages(Piece(0, 3, 6, "def")).ok());
  ASSERT_TRUE(queue.OnMessages(Piece(0, 0, 6, "abc")).ok());
  ASSERT_TRUE(queue.OnMessages(Piece(0, 3, 6, "def")).ok());
  EXPECT_EQ(TakeAll(queue), (Taken{"0=abcdef"}));
}

TEST(ReceiveQueueTest, DropsWhatComesTwiceAndAcknowledgesItAgain) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b", "c"})).ok());
  queue.Take(2);
  ASSERT_TRUE(queue.Ack(2).ok());
  EXPECT_EQ(queue.NextAck(), 2u);
  ASSERT_TRUE(queue.Resume(LaneAt(0, 0)).ok());
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b", "c", "d"})).ok());
  EXPECT_EQ(queue.NextAck(), 2u);
  EXPECT_EQ(TakeAll(queue), (Taken{"2=c", "3=d"}));
}

TEST(ReceiveQueueTest, LetsAnAckWaitForSomethingThatGoesAnyway) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b", "c"})).ok());
  queue.AckLater(queue.Take(1));
  EXPECT_TRUE(queue.ack_waits());
  EXPECT_EQ(queue.NextAck(), std::nullopt);
  EXPECT_EQ(queue.NextAck(/*goes_anyway=*/true), 1u);
  EXPECT_FALSE(queue.ack_waits());
  queue.AckLater(queue.Take(1));
  queue.PressAck();
  EXPECT_EQ(queue.NextAck(), 2u);
  queue.AckLater(queue.Take(1));
  ASSERT_TRUE(queue.Ack(3).ok());
  EXPECT_EQ(queue.NextAck(), 3u);
}

TEST(ReceiveQueueTest, LetsNoAckWaitWhereMuchIsUnacknowledged) {
  ReceiveQueue queue = Attached();
  const std::string large(100 << 10, 'x');
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", large, "b", "c", "d"})).ok());
  queue.AckLater(queue.Take(1));
  EXPECT_TRUE(queue.ack_waits());
  queue.AckLater(queue.Take(1));
  EXPECT_EQ(queue.NextAck(), 2u);
  queue.AckLater(queue.Take(3));  // a quarter of the lane's depth is 2
  EXPECT_EQ(queue.NextAck(), 5u);
}

TEST(ReceiveQueueTest, MarksWhatWasDeliveredToSomebodyBefore) {
  ReceiveQueue queue(false);
  v1::AttachedLane lane = LaneAt(0, 0);
  lane.set_redelivered_through(1);
  queue.Attach(lane);
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a", "b"})).ok());
  const ReceivedBatch batch = queue.Take(2);
  EXPECT_TRUE((*batch.begin()).redelivered);
  EXPECT_FALSE((*++batch.begin()).redelivered);
}

TEST(ReceiveQueueTest, SendsNoAcksWhereTheNodeAcknowledges) {
  ReceiveQueue queue(true);
  queue.Attach(LaneAt(0, 0));
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a"})).ok());
  EXPECT_EQ(queue.acked(), 1u);
  EXPECT_EQ(queue.NextAck(), std::nullopt);
}

TEST(ReceiveQueueTest, RefusesWhatANodeMayNotSend) {
  EXPECT_EQ(Attached().OnMessages(Packed(1, {"gap"})).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Attached().OnMessages(Piece(0, 0, (1 << 20) + 1, "x")).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Attached().OnMessages(Piece(0, 0, 1, "xy")).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Attached().OnMessages(Piece(0, 5, 6, "x")).code(), absl::StatusCode::kInternal);
  auto entries = std::make_shared<v1::StreamResponse>();
  entries->mutable_messages()->add_messages()->set_data("x");
  EXPECT_EQ(Attached().OnMessages(entries).code(), absl::StatusCode::kInternal);
  for (int array = 0; array < 3; ++array) {
    auto frame = std::make_shared<v1::StreamResponse>(*Packed(0, {"ab"}));
    v1::PackedMessages& packed = *frame->mutable_messages()->mutable_packed();
    if (array == 0) packed.add_sizes(1);
    if (array == 1) packed.mutable_routes()->Resize(2, 1);
    if (array == 2) packed.mutable_correlation_ids()->Resize(2, 1);
    EXPECT_EQ(Attached().OnMessages(frame).code(), absl::StatusCode::kInternal) << array;
  }
}

TEST(ReceiveQueueTest, RefusesANodeThatSkipsMessages) {
  ReceiveQueue queue = Attached();
  ASSERT_TRUE(queue.OnMessages(Packed(0, {"a"})).ok());
  EXPECT_EQ(queue.Resume(LaneAt(2, 2)).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace l3link::client
