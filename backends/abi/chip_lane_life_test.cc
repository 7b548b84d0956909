// What lasts longer than a message: attaching again, closing and resetting, rings, and impossible geometry.
#include <cstring>
#include <string>
#include <vector>

#include "backends/abi/testing/chip_lane_fixture.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

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

TEST_F(ChipLaneTest, StoresOnItsOwnLinesOnly) {
  Open({});
  ASSERT_TRUE(arena_.Send(In(), 0, 1, "in"));
  const std::string of_host(reinterpret_cast<const char*>(In().producer), sizeof(l3_producer_line));
  const std::string of_host_too(reinterpret_cast<const char*>(Out().consumer), sizeof(l3_consumer_line));
  l3_message message;
  ASSERT_EQ(l3_take(&in_, &message), L3_OK);
  ASSERT_EQ(l3_release(&in_, 1), L3_OK);
  const std::string out = "out";
  message = MessageOf(out);
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  EXPECT_EQ(In().consumer->head, 1u);
  EXPECT_EQ(Out().producer->tail, 1u);
  EXPECT_EQ(std::memcmp(In().producer, of_host.data(), of_host.size()), 0);
  EXPECT_EQ(std::memcmp(Out().consumer, of_host_too.data(), of_host_too.size()), 0);
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
