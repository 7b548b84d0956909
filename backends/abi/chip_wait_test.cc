#include "backends/abi/chip_wait.h"

#include <functional>
#include <string>
#include <vector>

#include "backends/abi/testing/hand_laid_arena.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr uint64_t kBytes = 1 << 20;

// Time that passes only while the program sleeps or relaxes, and a host that acts in these moments.
struct World {
  uint64_t now_us = 0;
  std::vector<uint64_t> sleeps_us;
  int relaxes = 0;
  std::function<void()> during_sleep = [] {};
  uint32_t armed_while_asleep = 0;
  l3_arena_header* header = nullptr;
};

class ChipWaitTest : public testing::Test {
 protected:
  void SetUp() override {
    channel_object_ = arena_.AddChannel("c", {.lane_depth = 1});
    region_object_ = arena_.AddRegion("r", 0, {L3_WRITER_HOST});
    world_.header = &arena_.header();
    platform_.context = &world_;
    platform_.now_us = [](void* context) { return static_cast<World*>(context)->now_us; };
    platform_.relax = [](void* context) {
      ++static_cast<World*>(context)->relaxes;
      ++static_cast<World*>(context)->now_us;
    };
    platform_.sleep = [](void* context, const uint32_t* word, uint32_t expected, uint64_t timeout_us) {
      auto* world = static_cast<World*>(context);
      if (*word != expected) return;
      world->armed_while_asleep = world->header->to_chip.armed;
      world->sleeps_us.push_back(timeout_us);
      world->now_us += timeout_us;
      world->during_sleep();
    };
    platform_.stop = &stop_;
    l3_object found;
    ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
    ASSERT_EQ(l3_find_by_name(&chip_, 0, "c", &found), L3_OK);
    ASSERT_EQ(l3_channel_open(&chip_, &found, &channel_), L3_OK);
    ASSERT_EQ(l3_receiver_open(&channel_, 0, &in_), L3_OK);
    ASSERT_EQ(l3_sender_open(&channel_, 0, &out_), L3_OK);
    ASSERT_EQ(l3_find_by_name(&chip_, 0, "r", &found), L3_OK);
    ASSERT_EQ(l3_region_open(&chip_, &found, &region_), L3_OK);
  }

  HandLane In() { return arena_.Lane(channel_object_, L3_HOST_TO_CHIP, 0); }
  HandLane Out() { return arena_.Lane(channel_object_, L3_CHIP_TO_HOST, 0); }

  World world_;
  int stop_ = 0;
  std::vector<uint64_t> memory_ = std::vector<uint64_t>(kBytes / 8);
  HandLaidArena arena_{memory_.data(), kBytes};
  l3_platform platform_ = {};
  l3_chip chip_;
  HandObject channel_object_, region_object_;
  l3_channel channel_;
  l3_receiver in_;
  l3_sender out_;
  l3_region region_;
};

TEST_F(ChipWaitTest, ZeroTimeoutIsOneProbe) {
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, 0), L3_AGAIN);
  EXPECT_TRUE(world_.sleeps_us.empty());
  ASSERT_TRUE(arena_.Send(In(), 0, 0, "x"));
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, 0), L3_OK);
}

TEST_F(ChipWaitTest, SleepsArmedAndKeepsTheHeartbeat) {
  const uint64_t first_beat = arena_.header().chip.heartbeat;
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, 2'100'000), L3_AGAIN);
  EXPECT_EQ(world_.armed_while_asleep, 1u);
  EXPECT_EQ(arena_.header().to_chip.armed, 0u);
  for (uint64_t slept : world_.sleeps_us) EXPECT_LE(slept, L3_BEAT_US);
  EXPECT_GE(arena_.header().chip.heartbeat - first_beat, 8u);
  EXPECT_EQ(world_.now_us, 2'100'000u) << "not longer than asked";
}

TEST_F(ChipWaitTest, AMessageEndsTheSleep) {
  world_.during_sleep = [this] { ASSERT_TRUE(arena_.Send(In(), 0, 0, "x")); };
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, L3_FOREVER), L3_OK);
  EXPECT_EQ(world_.sleeps_us.size(), 1u);
  EXPECT_EQ(In().consumer->seen, In().producer->rung) << "the host is asked to ring again";
}

TEST_F(ChipWaitTest, RoomEndsTheSleep) {
  const l3_message message = {};
  ASSERT_EQ(l3_send(&out_, &message), L3_OK);
  world_.during_sleep = [this] { ASSERT_TRUE(arena_.Receive(Out()).has_value()); };
  EXPECT_EQ(l3_wait_room(&out_, 1, L3_WAIT_DOORBELL, L3_FOREVER), L3_OK);
  EXPECT_EQ(l3_wait_room(&out_, 257, L3_WAIT_DOORBELL, L3_FOREVER), L3_E2BIG);
}

TEST_F(ChipWaitTest, ASignalEndsTheSleep) {
  world_.during_sleep = [this] { arena_.SetSignal(region_object_, 0, world_.sleeps_us.size()); };
  EXPECT_EQ(l3_wait_signal(&region_, 0, L3_GE, 3, L3_WAIT_DOORBELL, L3_FOREVER), L3_OK);
  EXPECT_EQ(world_.sleeps_us.size(), 3u);
}

TEST_F(ChipWaitTest, ADirectoryChangeEndsTheWaitUntilAcknowledged) {
  world_.during_sleep = [this] { arena_.AddChannel("other", {}); };
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, L3_FOREVER), L3_ECHANGED);
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_SPIN, 0), L3_ECHANGED);
  uint64_t version;
  ASSERT_TRUE(l3_directory_changed(&chip_, &version));
  l3_directory_acknowledge(&chip_, version);
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_SPIN, 0), L3_AGAIN);
  world_.during_sleep = [this] { arena_.Close(channel_object_); };
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, L3_FOREVER), L3_ECLOSED);
}

TEST_F(ChipWaitTest, StopEndsTheWait) {
  world_.during_sleep = [this] { stop_ = 1; };
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, L3_FOREVER), L3_ESTOPPED);
}

TEST_F(ChipWaitTest, AsksToBeRungOnlyBeforeItMaySleep) {
  l3_lane& lane = in_.lane;
  lane.producer->rung = lane.consumer->seen + 5;
  l3_message message;
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_SPIN, 10), L3_AGAIN);
  EXPECT_EQ(l3_take(&in_, &message), L3_AGAIN);
  EXPECT_NE(lane.consumer->seen, lane.producer->rung) << "an awake side is not rung";
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, 0), L3_AGAIN);
  EXPECT_EQ(lane.consumer->seen, lane.producer->rung);
}

TEST_F(ChipWaitTest, SpinAndBackOffDoNotSleep) {
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_SPIN, 1000), L3_AGAIN);
  EXPECT_GE(world_.relaxes, 1000);
  EXPECT_LT(world_.relaxes, 1000 + static_cast<int>(L3_LOOKS_A_CLOCK));
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_BACKOFF, 1000), L3_AGAIN);
  chip_.platform.sleep = nullptr;
  EXPECT_EQ(l3_wait_message(&in_, L3_WAIT_DOORBELL, 1000), L3_AGAIN) << "backs off where nothing can sleep";
  EXPECT_TRUE(world_.sleeps_us.empty());
}

}  // namespace
}  // namespace l3link
