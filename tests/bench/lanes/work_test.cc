#include "tests/bench/lanes/work.h"

#include <vector>

#include "gtest/gtest.h"

namespace l3link::bench {
namespace {

std::vector<uint64_t> Made(uint64_t words, uint64_t number) {
  std::vector<uint64_t> message(words);
  l3_bench_make(message.data(), words * 8, number);
  return message;
}

TEST(WorkTest, MakesAMessageOfItsNumberAndAByteThatFollows) {
  EXPECT_EQ(Made(3, 7), (std::vector<uint64_t>{7, 0x0707070707070707, 0x0707070707070707}));
  EXPECT_EQ(Made(2, 251 + 2), (std::vector<uint64_t>{253, 0x0202020202020202}));
}

TEST(WorkTest, KnowsTheSumOfAllMessagesBeforehand) {
  for (const uint64_t count : {1, 2, 250, 251, 252, 5000}) {
    for (const uint64_t words : {1, 2, 3, 5, 8, 512}) {
      uint64_t sum = 0;
      for (uint64_t number = 0; number < count; ++number) sum += l3_bench_sum(Made(words, number).data(), words * 8);
      EXPECT_EQ(sum, l3_bench_expected_sum(count, words * 8)) << count << " messages of " << words;
    }
  }
}

TEST(WorkTest, TellsBytesOfAnEarlierLapFromThoseOfThisOne) {
  for (const uint64_t depth : {256, 1024, 65536}) EXPECT_NE(Made(2, 5)[1], Made(2, 5 + depth)[1]);
}

}  // namespace
}  // namespace l3link::bench
