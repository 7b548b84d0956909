#include "backends/abi/chip_region.h"

#include <cstring>
#include <vector>

#include "backends/abi/testing/hand_laid_arena.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr uint64_t kBytes = 1 << 20;

class ChipRegionTest : public testing::Test {
 protected:
  void SetUp() override {
    platform_.now_us = [](void*) -> uint64_t { return 0; };
    object_ = arena_.AddRegion("r", 1000, {L3_WRITER_HOST, L3_WRITER_CHIP, L3_WRITER_BOTH});
    ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
    ASSERT_EQ(l3_find_by_name(&chip_, L3_OBJECT_REGION, "r", &found_), L3_OK);
    ASSERT_EQ(l3_region_open(&chip_, &found_, &region_), L3_OK);
  }

  std::vector<uint64_t> memory_ = std::vector<uint64_t>(kBytes / 8);
  HandLaidArena arena_{memory_.data(), kBytes};
  l3_platform platform_ = {};
  l3_chip chip_;
  HandObject object_;
  l3_object found_;
  l3_region region_;
};

TEST_F(ChipRegionTest, DataIsInPlace) {
  EXPECT_EQ(region_.shape.data_bytes, 1000u);
  memcpy(arena_.RegionData(object_), "from host", 9);
  EXPECT_EQ(memcmp(region_.data, "from host", 9), 0);
  region_.data[999] = 'z';
  EXPECT_EQ(arena_.RegionData(object_)[999], 'z');
}

TEST_F(ChipRegionTest, NotifyKeepsToTheWritersTable) {
  EXPECT_EQ(l3_notify(&region_, 0, L3_NOTIFY_SET, 1), L3_EINVAL) << "the host's";
  EXPECT_EQ(l3_notify(&region_, 3, L3_NOTIFY_SET, 1), L3_ENOENT);
  EXPECT_EQ(l3_notify(&region_, 1, 9, 1), L3_EINVAL) << "no such operation";
  EXPECT_EQ(l3_notify(&region_, 2, L3_NOTIFY_SET, 1), L3_OK);
  EXPECT_EQ(l3_notify(&region_, 2, L3_NOTIFY_ADD, 1), L3_EUNSHARED);
  chip_.platform.shared_rmw = 1;
  EXPECT_EQ(l3_notify(&region_, 2, L3_NOTIFY_ADD, 4), L3_OK);
  EXPECT_EQ(arena_.Signal(object_, 2).value, 5u);
  EXPECT_EQ(l3_notify(&region_, 2, L3_NOTIFY_MAX, 3), L3_OK);
  EXPECT_EQ(arena_.Signal(object_, 2).value, 5u);
  EXPECT_EQ(l3_notify(&region_, 2, L3_NOTIFY_MAX, 9), L3_OK);
  EXPECT_EQ(arena_.Signal(object_, 2).value, 9u);
  EXPECT_EQ(arena_.Signal(object_, 0).value, 0u);
}

TEST_F(ChipRegionTest, SetAddAndMaxOnItsOwnSignal) {
  EXPECT_EQ(l3_notify(&region_, 1, L3_NOTIFY_ADD, 10), L3_OK);
  EXPECT_EQ(l3_notify(&region_, 1, L3_NOTIFY_MAX, 7), L3_OK);
  EXPECT_EQ(arena_.Signal(object_, 1).value, 10u) << "MAX never regresses";
  EXPECT_EQ(l3_notify(&region_, 1, L3_NOTIFY_SET, 7), L3_OK);
  EXPECT_EQ(arena_.Signal(object_, 1).value, 7u);
}

TEST_F(ChipRegionTest, TestsEveryComparison) {
  arena_.SetSignal(object_, 0, 5);
  const struct {
    uint32_t comparison;
    uint64_t target;
    int expected;
  } cases[] = {{L3_GE, 5, L3_OK}, {L3_GE, 6, L3_AGAIN}, {L3_GT, 4, L3_OK}, {L3_GT, 5, L3_AGAIN},
               {L3_EQ, 5, L3_OK}, {L3_EQ, 4, L3_AGAIN}, {L3_NE, 4, L3_OK}, {L3_NE, 5, L3_AGAIN},
               {L3_LE, 5, L3_OK}, {L3_LE, 4, L3_AGAIN}, {L3_LT, 6, L3_OK}, {L3_LT, 5, L3_AGAIN}};
  for (const auto& one : cases)
    EXPECT_EQ(l3_test(&region_, 0, one.comparison, one.target), one.expected) << one.comparison << " " << one.target;
  EXPECT_EQ(l3_test(&region_, 9, L3_GE, 0), L3_ENOENT);
}

TEST_F(ChipRegionTest, AClosedRegionIsNotWritten) {
  arena_.Close(object_);
  EXPECT_EQ(l3_notify(&region_, 1, L3_NOTIFY_SET, 7), L3_ECLOSED);
  EXPECT_EQ(arena_.Signal(object_, 1).value, 0u);
  EXPECT_EQ(l3_region_open(&chip_, &found_, &region_), L3_ECLOSED);
}

TEST_F(ChipRegionTest, OpenRefusesImpossibleShapes) {
  l3_region_shape& shape = arena_.Region(object_).shape;
  const l3_region_shape good = shape;
  l3_region view;
  shape.data_bytes = kBytes;
  EXPECT_EQ(l3_region_open(&chip_, &found_, &view), L3_ECORRUPT);
  shape = good;
  shape.signal_count = 0xffffffff;
  EXPECT_EQ(l3_region_open(&chip_, &found_, &view), L3_ECORRUPT);
  shape = good;
  shape.data_at = 64;
  EXPECT_EQ(l3_region_open(&chip_, &found_, &view), L3_ECORRUPT);
}

}  // namespace
}  // namespace l3link
