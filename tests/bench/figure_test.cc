#include "tests/bench/figure.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace l3link::bench {
namespace {

Figure FigureOf(Better better, double goal, double value, double baseline) {
  return {{"lane_64B", "msg/s", better, goal}, {value, value, value}, "the other", {baseline, baseline, baseline}};
}

TEST(FigureTest, TakesTheMiddleOfWhatWasRead) {
  EXPECT_EQ(SpreadOf({}).median, 0);
  EXPECT_EQ(SpreadOf({3, 1, 2}).median, 2);
  EXPECT_EQ(SpreadOf({4, 1, 2, 3}).median, 2.5);
  EXPECT_EQ(SpreadOf({4, 1, 2, 3}).low, 1);
  EXPECT_EQ(SpreadOf({4, 1, 2, 3}).high, 4);
}

TEST(FigureTest, MeetsItsGoalByTheRatioToTheBaseline) {
  EXPECT_TRUE(FigureOf(Better::kHigher, 3, 30, 10).met());
  EXPECT_FALSE(FigureOf(Better::kHigher, 3, 29, 10).met());
  EXPECT_TRUE(FigureOf(Better::kLower, 1.4, 14, 10).met());
  EXPECT_FALSE(FigureOf(Better::kLower, 1.4, 15, 10).met());
  EXPECT_TRUE(FigureOf(Better::kHigher, 0, 1, 10).met());  // only shown
}

TEST(FigureTest, PrintsRowsThatAProgramCanRead) {
  const auto json = nlohmann::json::parse(Json({FigureOf(Better::kHigher, 3, 30, 10)}));
  const auto& row = json["rows"][0];
  EXPECT_EQ(row["name"], "lane_64B");
  EXPECT_EQ(row["value"], 30);
  EXPECT_EQ(row["baseline"], 10);
  EXPECT_EQ(row["better"], "higher");
  EXPECT_EQ(row["ratio"], 3);
  EXPECT_EQ(row["met"], true);
  EXPECT_EQ(row["baseline_name"], "the other");
}

TEST(FigureTest, SaysInTheTableWhatWasMissed) {
  EXPECT_NE(Table({FigureOf(Better::kHigher, 3, 30, 10)}).find(">= 3 met"), std::string::npos);
  EXPECT_NE(Table({FigureOf(Better::kLower, 1.4, 30, 10)}).find("<= 1.4 MISSED"), std::string::npos);
}

}  // namespace
}  // namespace l3link::bench
