#include "backends/runtime/handle_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace l3link {
namespace {

TEST(HandleTableTest, FindsWhatWasAddedUntilItIsRemoved) {
  HandleTable<int> table(HandleKind::kChannel);
  void* one = table.Add(1);
  void* two = table.Add(2);
  ASSERT_NE(one, two);
  EXPECT_EQ(*table.Find(one), 1);
  EXPECT_EQ(*table.Find(two), 2);
  EXPECT_EQ(table.Remove(one), 1);
  EXPECT_EQ(table.Find(one), nullptr);
  EXPECT_EQ(table.Remove(one), absl::nullopt);
  EXPECT_EQ(*table.Find(two), 2);
}

TEST(HandleTableTest, NeverHandsOutTheSameTokenTwice) {
  HandleTable<int> table(HandleKind::kMemory);
  std::set<void*> seen;
  for (int i = 0; i < 1000; ++i) {
    void* token = table.Add(i);
    EXPECT_TRUE(seen.insert(token).second) << i;
    table.Remove(token);
  }
  for (void* token : seen) EXPECT_EQ(table.Find(token), nullptr);
}

TEST(HandleTableTest, TokensOfOtherKindsAreNone) {
  HandleTable<int> channels(HandleKind::kChannel), memories(HandleKind::kMemory);
  void* channel = channels.Add(1);
  void* memory = memories.Add(2);
  EXPECT_EQ(memories.Find(channel), nullptr);
  EXPECT_EQ(channels.Find(memory), nullptr);
}

TEST(HandleTableTest, AddressesAndSmallNumbersAreNoTokens) {
  HandleTable<int> table(HandleKind::kContext);
  void* token = table.Add(1);
  int on_the_stack = 0;
  auto on_the_heap = std::make_unique<int>(0);
  EXPECT_EQ(table.Find(&on_the_stack), nullptr);
  EXPECT_EQ(table.Find(on_the_heap.get()), nullptr);
  for (uint64_t bits : {uint64_t{0}, uint64_t{1}, uint64_t{4096}, UINT64_MAX, reinterpret_cast<uint64_t>(token) + 1,
                        reinterpret_cast<uint64_t>(token) ^ uint64_t{1} << 63}) {
    EXPECT_EQ(table.Find(reinterpret_cast<void*>(bits)), nullptr) << bits;
  }
}

TEST(HandleTableTest, ASlotWhoseGenerationsAreUsedUpIsLeftAlone) {
  HandleTable<int> table(HandleKind::kChannel, HandleTable<int>::kLastGeneration);
  void* last = table.Add(1);
  EXPECT_EQ(*table.Find(last), 1);
  table.Remove(last);
  EXPECT_EQ(table.Find(last), nullptr);
  void* other = table.Add(2);
  EXPECT_NE((reinterpret_cast<uint64_t>(other) ^ reinterpret_cast<uint64_t>(last)) & 0xffffff, 0u) << "the same slot";
  EXPECT_EQ(table.Find(last), nullptr);
}

TEST(HandleTableTest, RemovesAllThatAPredicateNames) {
  HandleTable<int> table(HandleKind::kChannel);
  void* tokens[10];
  for (int i = 0; i < 10; ++i) tokens[i] = table.Add(i);
  table.RemoveIf([](int value) { return value % 2 == 0; });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(table.Find(tokens[i]) != nullptr, i % 2 == 1) << i;
  EXPECT_EQ(table.Tokens(), (std::vector<void*>{tokens[1], tokens[3], tokens[5], tokens[7], tokens[9]}));
}

}  // namespace
}  // namespace l3link
