// A chip with one channel in an arena laid out by hand: a receiver and a sender on its first lanes. For the lane tests.
#ifndef L3LINK_BACKENDS_ABI_TESTING_CHIP_LANE_FIXTURE_H_
#define L3LINK_BACKENDS_ABI_TESTING_CHIP_LANE_FIXTURE_H_

#include <string>
#include <vector>

#include "backends/abi/chip_lane.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/abi/testing/hand_laid_arena.h"
#include "gtest/gtest.h"

namespace l3link {

inline constexpr uint64_t kBytes = 1 << 20;

inline l3_message MessageOf(const std::string& payload, uint64_t correlation_id = 0, uint32_t route = 0) {
  return {0, correlation_id, reinterpret_cast<const uint8_t*>(payload.data()), static_cast<uint32_t>(payload.size()),
          route};
}

inline std::string PayloadOf(const l3_message& message) {
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

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ABI_TESTING_CHIP_LANE_FIXTURE_H_
