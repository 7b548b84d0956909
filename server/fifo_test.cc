#include "server/fifo.h"

#include <deque>
#include <memory>
#include <random>

#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(FifoTest, GivesOutInOrderWhateverTheTurns) {
  std::mt19937 random(3);
  Fifo<int> fifo;
  std::deque<int> model;
  int next = 0;
  for (int step = 0; step < 200'000; ++step) {
    const bool growing = step / 1'000 % 2 == 0;
    if (random() % 8 < (growing ? 5 : 3)) {
      fifo.Push(next);
      model.push_back(next++);
    } else if (!model.empty()) {
      fifo.Pop();
      model.pop_front();
    }
    ASSERT_EQ(fifo.size(), model.size());
    ASSERT_EQ(fifo.empty(), model.empty());
    if (model.empty()) continue;
    ASSERT_EQ(fifo.front(), model.front());
    ASSERT_EQ(fifo.back(), model.back());
  }
  EXPECT_GT(next, 90'000);
}

TEST(FifoTest, LetsGoOfWhatItGaveOut) {
  Fifo<std::shared_ptr<int>> fifo;
  const auto first = std::make_shared<int>(1);
  fifo.Push(first);
  fifo.Push(std::make_shared<int>(2));
  EXPECT_EQ(first.use_count(), 2);
  fifo.Pop();
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(*fifo.front(), 2);
}

}  // namespace
}  // namespace l3link
