#include <cstring>
#include <string>
#include <vector>

#include "backends/abi/testing/chip_lane_fixture.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST_F(ChipLaneTest, SendWritesPayloadDescriptorAndTail) {
  Open({.checksum = true});
  const std::string text = "123456789";
  const l3_message message = MessageOf(text, 0x1122334455667788, 5);
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  HandLane lane = Out();
  EXPECT_EQ(lane.producer->tail, 1u);
  const l3_descriptor& slot = lane.Slot(0);
  EXPECT_EQ(slot.sequence, 0u);
  EXPECT_EQ(slot.correlation_id, 0x1122334455667788u);
  EXPECT_EQ(slot.payload_position, 0u);
  EXPECT_EQ(slot.payload_bytes, 9u);
  EXPECT_EQ(slot.route, 5u);
  EXPECT_EQ(slot.flags, 0u);
  EXPECT_EQ(slot.crc32c, 0xe3069283u);
  EXPECT_EQ(slot.reserved[0] | slot.reserved[1] | slot.reserved[2], 0u);
  EXPECT_EQ(std::string(lane.ring, 9), text);
}

TEST_F(ChipLaneTest, PayloadsAreAlignedAndNeverCrossTheRing) {
  Open({.lane_depth = 8, .max_message_bytes = 100, .ring_bytes = 256});
  const std::string a(100, 'a'), b(1, 'b');
  for (const auto& [text, position] : std::vector<std::pair<std::string, uint64_t>>{
           {a, 0}, {b, 128}, {"", 192}, {a, 256}, {b, 384}, {"", 448}, {"", 448}, {a, 512}}) {
    const l3_message message = MessageOf(text);
    while (l3_send(&out_, &message) == L3_AGAIN) ASSERT_TRUE(arena_.Receive(Out()).has_value());
    EXPECT_EQ(Out().Slot(out_.published - 1).payload_position, position) << "not across 256 or 512";
  }
}

TEST_F(ChipLaneTest, SendRefusesWhenSlotsOrRingAreFull) {
  Open({.lane_depth = 2, .max_message_bytes = 256});
  const std::string small = "x", large(256, 'y'), huge(257, 'z');
  l3_message message = MessageOf(small);
  EXPECT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(l3_send(&out_, &message), L3_AGAIN) << "two slots";
  ASSERT_EQ(arena_.Receive(Out())->payload, small);
  message = MessageOf(large);
  EXPECT_EQ(l3_send(&out_, &message), L3_OK);
  ASSERT_EQ(arena_.Receive(Out())->payload, small);
  EXPECT_EQ(l3_send(&out_, &message), L3_AGAIN) << "384 to 640 does not fit before 320 is given back";
  ASSERT_EQ(arena_.Receive(Out())->payload, large);
  EXPECT_EQ(l3_send(&out_, &message), L3_OK);
  ASSERT_EQ(arena_.Receive(Out())->payload, large);
  message = MessageOf(huge);
  EXPECT_EQ(l3_send(&out_, &message), L3_E2BIG);
}

TEST_F(ChipLaneTest, AnEmptyLaneAlwaysHasRoomForTheLargest) {
  Open({.lane_depth = 1, .max_message_bytes = 100, .alignment = 8});
  for (uint32_t round = 0; round < 1000; ++round) {
    for (uint32_t bytes : {round % 101, 100u}) {
      const std::string text(bytes, static_cast<char>('a' + round % 26));
      const l3_message message = MessageOf(text);
      ASSERT_EQ(l3_send(&out_, &message), L3_OK) << round;
      ASSERT_EQ(arena_.Receive(Out())->payload, text);
    }
  }
}

TEST_F(ChipLaneTest, StagedMessagesAreInvisibleUntilPublished) {
  Open({});
  uint8_t* place;
  EXPECT_EQ(l3_stage(&out_, 0, 0), L3_EINVAL) << "nothing reserved";
  for (char letter : {'a', 'b'}) {
    ASSERT_EQ(l3_reserve(&out_, 3, &place), L3_OK);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(place) % 64, reinterpret_cast<uintptr_t>(Out().ring) % 64);
    memset(place, letter, 3);
    ASSERT_EQ(l3_stage(&out_, 0, 0), L3_OK);
  }
  EXPECT_EQ(Out().producer->tail, 0u);
  l3_publish(&out_);
  EXPECT_EQ(Out().producer->tail, 2u);
  EXPECT_EQ(arena_.Receive(Out())->payload, "aaa");
  EXPECT_EQ(arena_.Receive(Out())->payload, "bbb");
}

TEST_F(ChipLaneTest, SendBatchPublishesWhatFits) {
  Open({.lane_depth = 4});
  const std::string text = "m";
  const std::vector<l3_message> messages(6, MessageOf(text));
  uint32_t sent;
  EXPECT_EQ(l3_send_batch(&out_, messages.data(), 6, &sent), L3_AGAIN);
  EXPECT_EQ(sent, 4u);
  EXPECT_EQ(Out().producer->tail, 4u);
}

TEST_F(ChipLaneTest, TakesInPlaceAndReleasesInOrder) {
  Open({});
  for (uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(arena_.Send(In(), 7, 100 + i, "payload" + std::to_string(i)));
  l3_message message;
  for (uint64_t i = 0; i < 3; ++i) {
    ASSERT_EQ(l3_take(&in_, &message), L3_OK);
    EXPECT_EQ(message.sequence, i);
    EXPECT_EQ(message.correlation_id, 100 + i);
    EXPECT_EQ(message.route, 7u);
    EXPECT_EQ(PayloadOf(message), "payload" + std::to_string(i));
    EXPECT_EQ(reinterpret_cast<const char*>(message.payload), In().ring + 64 * i) << "in place";
  }
  EXPECT_EQ(l3_take(&in_, &message), L3_AGAIN);
  EXPECT_EQ(In().consumer->head, 0u);
  EXPECT_EQ(l3_untake(&in_, 1), L3_OK);
  EXPECT_EQ(l3_release(&in_, 3), L3_EINVAL) << "only two are taken";
  EXPECT_EQ(l3_release(&in_, 2), L3_OK);
  EXPECT_EQ(In().consumer->head, 2u);
  ASSERT_EQ(l3_take(&in_, &message), L3_OK);
  EXPECT_EQ(message.sequence, 2u) << "put back, taken again";
}

TEST_F(ChipLaneTest, ReceiveCopiesUpToTheCapacity) {
  Open({});
  ASSERT_TRUE(arena_.Send(In(), 0, 1, "twelve bytes"));
  ASSERT_TRUE(arena_.Send(In(), 0, 2, ""));
  char buffer[12];
  l3_message message;
  EXPECT_EQ(l3_receive(&in_, buffer, 11, &message), L3_E2BIG);
  EXPECT_EQ(message.payload_bytes, 12u);
  ASSERT_EQ(l3_receive(&in_, buffer, 12, &message), L3_OK);
  EXPECT_EQ(PayloadOf(message), "twelve bytes");
  EXPECT_EQ(In().consumer->head, 1u);
  ASSERT_EQ(l3_receive(&in_, nullptr, 0, &message), L3_OK);
  EXPECT_EQ(message.correlation_id, 2u);
  EXPECT_EQ(l3_receive(&in_, buffer, 12, &message), L3_AGAIN);
}

TEST_F(ChipLaneTest, TakeBatchStopsAtWhatIsThere) {
  Open({});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(arena_.Send(In(), 0, i, "x"));
  l3_message messages[8];
  uint32_t count;
  EXPECT_EQ(l3_take_batch(&in_, messages, 2, &count), L3_OK);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(l3_take_batch(&in_, messages, 8, &count), L3_OK);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(l3_take_batch(&in_, messages, 8, &count), L3_AGAIN);
}

TEST_F(ChipLaneTest, RefusesWhatCannotBe) {
  Open({.checksum = true});
  ASSERT_TRUE(arena_.Send(In(), 0, 0, "good"));
  const l3_descriptor good = In().Slot(0);
  l3_message message;
  In().Slot(0).sequence = 8;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT);
  In().Slot(0) = good;
  In().Slot(0).payload_bytes = 257;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT);
  In().Slot(0) = good;
  In().Slot(0).payload_position = 510;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT);
  In().Slot(0) = good;
  In().Slot(0).crc32c ^= 1;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT);
  In().Slot(0) = good;
  EXPECT_EQ(l3_take(&in_, &message), L3_OK);
  In().producer->tail = 6;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT) << "more than lane_depth";
}

// Each bound by itself: there is no checksum that would tell, and the slots behind are as they should be.
TEST_F(ChipLaneTest, RefusesWhatCannotBeThoughNoChecksumTells) {
  Open({.lane_depth = 2, .max_message_bytes = 256});
  ASSERT_TRUE(arena_.Send(In(), 0, 0, "good"));
  const l3_descriptor good = In().Slot(0);
  l3_message message;
  In().Slot(0).payload_bytes = 257;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT) << "more than max_message_bytes, all of it in the ring";
  In().Slot(0) = good;
  In().Slot(0).payload_position = in_.lane.ring_bytes - 1;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT) << "across the end of the ring";
  In().Slot(0) = good;
  ASSERT_EQ(l3_take(&in_, &message), L3_OK);
  for (uint64_t i = 1; i < 3; ++i) {
    In().Slot(i) = good;
    In().Slot(i).sequence = i;
  }
  l3_store_release_u64(&In().producer->tail, 3);
  EXPECT_EQ(l3_take(&in_, &message), L3_ECORRUPT) << "three messages in a lane of two";
  EXPECT_EQ(in_.taken, 1u);
}

}  // namespace
}  // namespace l3link
