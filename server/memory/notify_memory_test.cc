#include "server/memory/notify_memory.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

TEST(NotifyMemoryTest, KnowsWhatWasDoneUnderAnIdOfARegion) {
  NotifyMemory memory(10);
  memory.Remember(7, "a", {{1, NotifyOp::kAdd, 5}, 12});
  ASSERT_TRUE(memory.Find(7, "a").has_value());
  EXPECT_EQ(memory.Find(7, "a")->value, 12u);
  EXPECT_EQ(memory.Find(7, "a")->notification.value, 5u);
  EXPECT_FALSE(memory.Find(8, "a").has_value()) << "another generation is another region";
  EXPECT_FALSE(memory.Find(7, "b").has_value());
}

TEST(NotifyMemoryTest, ForgetsTheOldestFirst) {
  NotifyMemory memory(3);
  for (int i = 0; i < 5; ++i) memory.Remember(1, std::to_string(i), {{}, static_cast<uint64_t>(i)});
  EXPECT_EQ(memory.size(), 3u);
  EXPECT_FALSE(memory.Find(1, "1").has_value());
  EXPECT_TRUE(memory.Find(1, "2").has_value());
  EXPECT_TRUE(memory.Find(1, "4").has_value());
}

}  // namespace
}  // namespace l3link
