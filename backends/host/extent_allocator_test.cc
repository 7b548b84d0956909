#include "backends/host/extent_allocator.h"

#include <gtest/gtest.h>

#include <random>

namespace l3link {
namespace {

constexpr uint64_t kPage = 4096;

TEST(ExtentAllocatorTest, TakesTheLowestHoleThatIsLargeEnough) {
  ExtentAllocator space(0, 10 * kPage);
  ASSERT_EQ(space.Allocate(1), (Extent{0, kPage}));
  ASSERT_EQ(space.Allocate(2 * kPage), (Extent{kPage, 2 * kPage}));
  ASSERT_EQ(space.Allocate(kPage), (Extent{3 * kPage, kPage}));
  space.Free({0, kPage});
  EXPECT_EQ(space.Allocate(2 * kPage), (Extent{4 * kPage, 2 * kPage}));
  EXPECT_EQ(space.Allocate(kPage), (Extent{0, kPage}));
}

TEST(ExtentAllocatorTest, JoinsNeighboursOnBothSides) {
  ExtentAllocator space(0, 3 * kPage);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(space.Allocate(kPage).has_value());
  EXPECT_FALSE(space.Allocate(1).has_value());
  space.Free({0, kPage});
  space.Free({2 * kPage, kPage});
  EXPECT_EQ(space.largest_free(), kPage);
  space.Free({kPage, kPage});
  EXPECT_EQ(space.largest_free(), 3 * kPage);
}

TEST(ExtentAllocatorTest, TakesBackAPartOfAnExtent) {
  ExtentAllocator space(0, 4 * kPage);
  ASSERT_TRUE(space.Allocate(4 * kPage).has_value());
  space.Free({kPage, kPage});
  EXPECT_EQ(space.allocated_bytes(), 3 * kPage);
  EXPECT_EQ(space.Allocate(kPage), (Extent{kPage, kPage}));
}

TEST(ExtentAllocatorTest, RefusesNothingAndMoreThanThereIs) {
  ExtentAllocator space(kPage, 3 * kPage);
  EXPECT_FALSE(space.Allocate(0).has_value());
  EXPECT_FALSE(space.Allocate(2 * kPage + 1).has_value());
  EXPECT_FALSE(space.Allocate(UINT64_MAX).has_value());
  EXPECT_TRUE(space.Allocate(2 * kPage).has_value());
}

TEST(ExtentAllocatorTest, AgreesWithAMapOfPagesOverManyOperations) {
  constexpr int kPages = 64;
  std::mt19937 random(1);
  ExtentAllocator space(0, kPages * kPage);
  std::vector<int> owner(kPages, 0);
  for (int step = 1; step <= 100000; ++step) {
    if (random() % 2 == 0) {
      const uint64_t pages = 1 + random() % 8;
      absl::optional<Extent> extent = space.Allocate(pages * kPage);
      int run = 0, longest = 0;
      for (int page : owner) longest = std::max(longest, run = page == 0 ? run + 1 : 0);
      ASSERT_EQ(extent.has_value(), longest >= static_cast<int>(pages)) << step;
      if (!extent.has_value()) continue;
      for (uint64_t page = extent->offset / kPage; page < extent->end() / kPage; ++page) {
        ASSERT_EQ(owner[page], 0) << step;
        owner[page] = step;
      }
    } else {
      uint64_t first = random() % kPages, last = first;
      if (owner[first] == 0) continue;
      while (last < kPages && owner[last] != 0 && last - first < random() % 6) owner[last++] = 0;
      if (last > first) space.Free({first * kPage, (last - first) * kPage});
    }
    ASSERT_EQ(space.free_bytes(), std::count(owner.begin(), owner.end(), 0) * kPage);
  }
}

}  // namespace
}  // namespace l3link
