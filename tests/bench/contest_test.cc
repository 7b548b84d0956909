#include "tests/bench/contest.h"

#include "gtest/gtest.h"

namespace l3link::bench {
namespace {

// Reads 1000 the first time, then 1, 2, 3, ... times `step`.
Contestant Counting(const std::string& name, double step, std::string* order) {
  return {name, [=, next = 0]() mutable -> absl::StatusOr<Readings> {
            *order += name;
            return Readings{next++ == 0 ? 1000 : (next - 1) * step};
          }};
}

TEST(ContestTest, InterleavesAndDoesNotCountTheFirstRound) {
  std::string order;
  const auto figures =
      Hold({{{"f", "x", Better::kHigher, 0}}, Counting("o", 10, &order), {Counting("b", 1, &order)}}, 3);
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(order, "obobobob");
  EXPECT_EQ((*figures)[0].value.median, 20);
  EXPECT_EQ((*figures)[0].value.high, 30);
  EXPECT_EQ((*figures)[0].baseline.median, 2);
}

TEST(ContestTest, KeepsTheBestBaseline) {
  std::string order;
  const auto best_of = [&](Better better) {
    return Hold({{{"f", "x", better, 0}},
                 Counting("ours", 1, &order),
                 {Counting("small", 2, &order), Counting("large", 4, &order), Counting("middle", 3, &order)}},
                1)
        ->front()
        .baseline_name;
  };
  EXPECT_EQ(best_of(Better::kHigher), "large");
  EXPECT_EQ(best_of(Better::kLower), "small");
}

TEST(ContestTest, GivesABaselineARowOfItsOwnBesideTheBest) {
  std::string order;
  Contestant small = Counting("small", 2, &order), large = Counting("large", 4, &order);
  small.own_row = "small";
  const auto figures = Hold({{{"f", "x", Better::kHigher, 3}}, Counting("ours", 1, &order), {small, large}}, 1);
  ASSERT_EQ(figures->size(), 2u);
  EXPECT_EQ((*figures)[0].baseline_name, "large");
  EXPECT_EQ((*figures)[1].kind.name, "f_vs_small");
  EXPECT_EQ((*figures)[1].kind.goal, 0);
  EXPECT_EQ((*figures)[1].ratio(), 0.5);
}

TEST(ContestTest, HoldsTheRoundsThatItNeeds) {
  std::string order;
  Contest contest = {{{"f", "x", Better::kHigher, 0}}, Counting("o", 1, &order), {Counting("b", 1, &order)}};
  contest.least_rounds = 2;
  ASSERT_TRUE(Hold(contest, 1).ok());
  EXPECT_EQ(order, "obobob");
}

TEST(ContestTest, ComparesWithinEachRound) {
  std::string order;
  const Contestant steady = {"steady", [] { return absl::StatusOr<Readings>(Readings{2}); }};
  const auto figures = Hold({{{"f", "x", Better::kHigher, 0}}, Counting("ours", 1, &order), {steady}}, 3);
  EXPECT_EQ((*figures)[0].round_ratios.low, 0.5);
  EXPECT_EQ((*figures)[0].round_ratios.high, 1.5);
}

TEST(ContestTest, ReadsPercentilesWhateverTheOrder) {
  std::vector<double> times;
  for (int i = 0; i < 1000; ++i) times.push_back(i * 7 % 1000);
  const auto readings = Percentiles(times);
  ASSERT_TRUE(readings.ok());
  EXPECT_EQ(*readings, (Readings{500, 990}));
  EXPECT_FALSE(Percentiles(std::vector<double>()).ok());
}

TEST(ContestTest, NamesTheOneThatFailed) {
  std::string order;
  const auto figures = Hold({{{"f", "x", Better::kHigher, 0}},
                             Counting("ours", 1, &order),
                             {{"broken", [] { return absl::StatusOr<Readings>(absl::DataLossError("lost one")); }}}},
                            1);
  EXPECT_EQ(figures.status().message(), "broken: lost one");
}

}  // namespace
}  // namespace l3link::bench
