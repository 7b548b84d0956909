#include "tests/bench/ratios.h"

#include "gtest/gtest.h"

namespace l3link::bench {
namespace {

// `ratio` against a baseline of 1; its rounds went from `low` to `high`.
Figure RatioOf(Better better, double ratio, double low, double high) {
  return {{"f", "x", better}, {ratio, low, high}, "the other", {1, 1, 1}, {ratio, low, high}};
}
Figure RatioOf(Better better, double ratio) { return RatioOf(better, ratio, ratio, ratio); }

KeptRatios Kept(double ratio, double tolerance) { return {false, {{"f", {ratio, tolerance}}}}; }

TEST(RatiosTest, ToleratesWhatTheWorstRoundWasOff) {
  EXPECT_EQ(Keep(RatioOf(Better::kHigher, 3, 2, 9)).tolerance, 1.5);
  EXPECT_EQ(Keep(RatioOf(Better::kLower, 2, 1, 3)).tolerance, 1.5);
  EXPECT_EQ(Keep(RatioOf(Better::kLower, 2, 1, 3)).ratio, 2);
}

TEST(RatiosTest, ToleratesATenthAtLeastAndTwiceAtMost) {
  EXPECT_EQ(Keep(RatioOf(Better::kHigher, 3)).tolerance, 1.1);
  EXPECT_EQ(Keep(RatioOf(Better::kHigher, 3, 0.1, 4)).tolerance, 2);
  EXPECT_EQ(Keep(RatioOf(Better::kHigher, 3, 0, 4)).tolerance, 2);
  EXPECT_EQ(Keep(RatioOf(Better::kLower, 3, 1, 50)).tolerance, 2);
}

TEST(RatiosTest, SaysWhatGotWorseByMoreThanItsTolerance) {
  EXPECT_FALSE(GotWorse(RatioOf(Better::kHigher, 2.1), Kept(3, 1.5)));
  EXPECT_TRUE(GotWorse(RatioOf(Better::kHigher, 1.9), Kept(3, 1.5)));
  EXPECT_FALSE(GotWorse(RatioOf(Better::kLower, 4.4), Kept(3, 1.5)));
  EXPECT_TRUE(GotWorse(RatioOf(Better::kLower, 4.6), Kept(3, 1.5)));
  EXPECT_EQ(WorseText(RatioOf(Better::kHigher, 1.9), Kept(3, 1.5)), "f: 1.9, kept 3 (at most 1.5 times worse)");
}

TEST(RatiosTest, FindsNothingWrongWithARowThatIsNotKeptOrGotBetter) {
  EXPECT_FALSE(GotWorse(RatioOf(Better::kHigher, 0.1), KeptRatios()));
  EXPECT_FALSE(GotWorse(RatioOf(Better::kHigher, 30), Kept(3, 1.1)));
  EXPECT_FALSE(GotWorse(RatioOf(Better::kLower, 0.3), Kept(3, 1.1)));
}

TEST(RatiosTest, TakesARatioOfNothingForWorse) { EXPECT_TRUE(GotWorse(RatioOf(Better::kHigher, 0), Kept(3, 1.1))); }

TEST(RatiosTest, AsksOfAnAbsoluteFigureOnlyThatItStillMeetsItsGoal) {
  Figure met = RatioOf(Better::kLower, 0.9), missed = RatioOf(Better::kLower, 1.1);
  met.kind.absolute = missed.kind.absolute = true;
  met.kind.goal = missed.kind.goal = 1;
  EXPECT_FALSE(GotWorse(met, Kept(0.1, 1.1)));
  EXPECT_TRUE(GotWorse(missed, Kept(1, 1.1)));
  EXPECT_FALSE(GotWorse(missed, Kept(1.05, 1.1)));  // was missed before
  EXPECT_FALSE(GotWorse(missed, KeptRatios()));
  EXPECT_EQ(WorseText(missed, Kept(1, 1.1)), "f: 1.1 times the other, and it met its goal of 1");
}

TEST(RatiosTest, KeepsNoAbsoluteFigureWithoutAGoal) {
  Figure figure = RatioOf(Better::kLower, 0.9);
  figure.kind.absolute = true;
  KeptRatios kept;
  KeepAll({figure}, &kept);
  EXPECT_TRUE(kept.rows.empty());
  figure.kind.goal = 1;
  KeepAll({figure}, &kept);
  EXPECT_EQ(kept.rows.size(), 1u);
}

TEST(RatiosTest, KeepsRowsThatWereNotMeasuredThisTime) {
  KeptRatios kept = {false, {{"f", {9, 1.1}}, {"g", {5, 1.2}}}};
  KeepAll({RatioOf(Better::kHigher, 3)}, &kept);
  EXPECT_EQ(kept.rows["f"].ratio, 3);
  EXPECT_EQ(kept.rows["g"].ratio, 5);
  EXPECT_EQ(Missing({RatioOf(Better::kHigher, 3)}, kept), std::vector<std::string>{"g"});
}

TEST(RatiosTest, ReadsWhatItHasWritten) {
  const auto kept = ParseRatios(RatiosJson({true, {{"f", {1.25, 1.1}}, {"g", {100, 2}}}}));
  ASSERT_TRUE(kept.ok());
  EXPECT_TRUE(kept->quick);
  EXPECT_EQ(kept->rows.size(), 2u);
  EXPECT_EQ(kept->rows.at("f").ratio, 1.25);
  EXPECT_EQ(kept->rows.at("f").tolerance, 1.1);
}

TEST(RatiosTest, RefusesWhatItHasNotWritten) {
  for (const char* text : {"", "[]", "{}", R"({"quick": 1, "rows": {}})", R"({"quick": true, "rows": []})",
                           R"({"quick": true, "rows": {"f": 3}})", R"({"quick": true, "rows": {"f": {"ratio": 3}}})",
                           R"({"quick": true, "rows": {"f": {"ratio": 0, "tolerance": 1}}})"}) {
    EXPECT_FALSE(ParseRatios(text).ok()) << text;
  }
}

TEST(RatiosTest, TakesTheBetterOfTwo) {
  const Figure low = RatioOf(Better::kHigher, 2), high = RatioOf(Better::kHigher, 3);
  EXPECT_EQ(BetterOf({low}, {high})[0].ratio(), 3);
  EXPECT_EQ(BetterOf({high}, {low})[0].ratio(), 3);
  const Figure fast = RatioOf(Better::kLower, 2), slow = RatioOf(Better::kLower, 3);
  EXPECT_EQ(BetterOf({slow}, {fast})[0].ratio(), 2);
}

}  // namespace
}  // namespace l3link::bench
