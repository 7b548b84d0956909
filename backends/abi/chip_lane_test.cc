#include "backends/abi/chip_lane.h"

#include <cstring>
#include <string>
#include <vector>

#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/abi/testing/hand_laid_arena.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr uint64_t kBytes = 1 << 20;

l3_message MessageOf(const std::string& payload, uint64_t correlation_id = 0, uint32_t route = 0) {
  return {0, correlation_id, reinterpret_cast<const uint8_t*>(payload.data()), static_cast<uint32_t>(payload.size()),
          route};
}

std::string PayloadOf(const l3_message& message) {
  return {reinterpret_cast<const char*>(message.payload), message.payload_bytes};
}

class ChipLaneTest : public testing::Test {
 protected:
  void Open(const HandChannelShape& shape) {
    platform_.now_us = [](void*) -> uint64_t { return 0; };
    platform_.context = &woken_;
    platform_.wake = [](void* context, uint32_t*) { ++*static_cast<int*>(context); };
    object_ = arena_.AddChannel("c", shape);
    Attach();
  }

  // As a chip program that starts (again) does.
  void Attach() {
    ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
    ASSERT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "c", &found_), L3_OK);
    ASSERT_EQ(l3_channel_open(&chip_, &found_, &channel_), L3_OK);
    ASSERT_EQ(l3_receiver_open(&channel_, 0, &in_), L3_OK);
    ASSERT_EQ(l3_sender_open(&channel_, 0, &out_), L3_OK);
  }

  HandLane In() { return arena_.Lane(object_, L3_HOST_TO_CHIP, 0); }
  HandLane Out() { return arena_.Lane(object_, L3_CHIP_TO_HOST, 0); }

  int woken_ = 0;
  std::vector<uint64_t> memory_ = std::vector<uint64_t>(kBytes / 8);
  HandLaidArena arena_{memory_.data(), kBytes};
  l3_platform platform_ = {};
  l3_chip chip_;
  HandObject object_;
  l3_object found_;
  l3_channel channel_;
  l3_receiver in_;
  l3_sender out_;
};

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
           {a, 0}, {b, 128}, {"", 192}, {b, 192}, {a, 256}, {"", 384}, {a, 384}, {a, 512}}) {
    const l3_message message = MessageOf(text);
    while (l3_send(&out_, &message) == L3_AGAIN) ASSERT_TRUE(arena_.Receive(Out()).has_value());
    EXPECT_EQ(Out().Slot(out_.published - 1).payload_position, position);
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

TEST_F(ChipLaneTest, AttachingAgainGoesOnAtTheRingsPositions) {
  Open({.lane_depth = 4, .max_message_bytes = 100, .ring_bytes = 256});
  const std::string text(90, 't');
  l3_message message = MessageOf(text);
  uint64_t expected_end = 0;
  for (uint32_t round = 0; round < 50; ++round) {
    ASSERT_TRUE(arena_.Send(In(), 0, round, std::to_string(round)));
    ASSERT_EQ(l3_take(&in_, &message), L3_OK);
    EXPECT_EQ(message.sequence, round);
    if (round % 3 == 0) {  // died before the release: the same message again
      Attach();
      ASSERT_EQ(l3_take(&in_, &message), L3_OK);
      EXPECT_EQ(message.correlation_id, round);
    }
    ASSERT_EQ(l3_release(&in_, 1), L3_OK);
    uint8_t* place;
    ASSERT_EQ(l3_reserve(&out_, 50, &place), L3_OK);
    ASSERT_EQ(l3_stage(&out_, 0, 0), L3_OK);  // died before the publish: nothing left
    Attach();
    message = MessageOf(text);
    ASSERT_EQ(l3_send(&out_, &message), L3_OK);
    const l3_descriptor& slot = Out().Slot(round);
    EXPECT_EQ(slot.payload_position, l3_payload_position(expected_end, 90, 256, 64));
    expected_end = slot.payload_position + 90;
    ASSERT_EQ(arena_.Receive(Out())->sequence, round);
  }
}

TEST_F(ChipLaneTest, ClosedAndResetLanesAnswerClosed) {
  Open({.host_to_chip = 2});
  l3_receiver second;
  ASSERT_EQ(l3_receiver_open(&channel_, 1, &second), L3_OK);
  arena_.ResetLane(object_, L3_HOST_TO_CHIP, 0);
  l3_message message;
  EXPECT_EQ(l3_take(&in_, &message), L3_ECLOSED);
  EXPECT_EQ(l3_take(&second, &message), L3_AGAIN) << "its neighbour goes on";
  ASSERT_EQ(l3_receiver_open(&channel_, 0, &in_), L3_OK);
  ASSERT_TRUE(arena_.Send(In(), 0, 1, "fresh"));
  ASSERT_EQ(l3_take(&in_, &message), L3_OK);
  EXPECT_EQ(message.sequence, 0u);
  arena_.Close(object_);
  uint8_t* place;
  EXPECT_EQ(l3_take(&second, &message), L3_ECLOSED);
  EXPECT_EQ(l3_reserve(&out_, 1, &place), L3_ECLOSED);
  EXPECT_EQ(l3_sender_open(&channel_, 0, &out_), L3_ECLOSED);
}

TEST_F(ChipLaneTest, RingsOnceUntilTheHostHasLooked) {
  Open({});
  const std::string text = "r";
  const l3_message message = MessageOf(text);
  const uint32_t rung = Out().producer->rung;
  ASSERT_EQ(rung, 1u) << "opening rings";
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(Out().producer->rung, 1u) << "the host has not looked: it will";
  Out().consumer->seen = 1;
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(Out().producer->rung, 2u);
  EXPECT_EQ(woken_, 0) << "an awake host costs no wake";
  Out().consumer->seen = 2;
  arena_.header().to_host.armed = 1;
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(woken_, 1);
}

TEST_F(ChipLaneTest, OpenRefusesImpossibleGeometry) {
  Open({});
  auto* geometry = reinterpret_cast<l3_channel_geometry*>(arena_.base() + object_.offset);
  const l3_channel_geometry good = *geometry;
  const auto opens_after = [&](void (*change)(l3_channel_geometry*)) {
    *geometry = good;
    change(geometry);
    l3_channel view;
    return l3_channel_open(&chip_, &found_, &view);
  };
  EXPECT_EQ(opens_after([](l3_channel_geometry*) {}), L3_OK);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->lane_depth = 3; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->lane_depth = 0; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->lane_count[0] = 1u << 31; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->ring_bytes = ~uint64_t{0}; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->ring_bytes = 64; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->alignment = 0; }), L3_ECORRUPT);
  EXPECT_EQ(opens_after([](l3_channel_geometry* g) { g->generation += 1; }), L3_ECORRUPT);
  *geometry = good;
  EXPECT_EQ(l3_receiver_open(&channel_, 1, &in_), L3_ENOENT);
  EXPECT_EQ(l3_lane_of_route(&channel_, L3_HOST_TO_CHIP, 12345), 0u);
}

}  // namespace
}  // namespace l3link
