#include "backends/host/signal_waits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace l3link {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

class SignalWaitsTest : public ::testing::Test, public WaitListener {
 protected:
  void OnWaitFired(uint64_t cookie, absl::Span<const uint64_t> values) override {
    fired_.emplace_back(cookie, std::vector<uint64_t>(values.begin(), values.end()));
  }
  void OnWaitEnded(uint64_t cookie, const absl::Status& why) override {
    EXPECT_EQ(why.message(), "closed");
    ended_.push_back(cookie);
  }

  WaitTable::WaitId Add(uint64_t cookie, std::vector<Condition> conditions, WaitMode mode = WaitMode::kOnce,
                        Combine combine = Combine::kAny) {
    return table_.Add({std::move(conditions), combine, mode, this, cookie});
  }
  std::vector<uint64_t> Cookies() {
    std::vector<uint64_t> cookies;
    for (const auto& [cookie, values] : fired_) cookies.push_back(cookie);
    fired_.clear();
    return cookies;
  }
  std::vector<uint64_t> LookAfter(uint32_t signal, uint64_t value) {
    signals_[signal] = value;
    table_.Look();
    return Cookies();
  }

  std::vector<uint64_t> signals_ = std::vector<uint64_t>(100, 0);
  int loads_ = 0;
  std::vector<uint64_t> ended_;
  std::vector<std::pair<uint64_t, std::vector<uint64_t>>> fired_;
  bool memory_is_there_ = true;
  WaitTable table_{[this](uint32_t signal) -> absl::optional<uint64_t> {
    ++loads_;
    if (!memory_is_there_) return absl::nullopt;
    return signals_[signal];
  }};
};

TEST_F(SignalWaitsTest, FiresForNothingThatWasReadOfMemoryThatIsGone) {
  signals_[1] = 7;
  Add(1, {{1, Comparison::kLt, 7}});
  Add(2, {{1, Comparison::kNe, 7}}, WaitMode::kWatch);
  Add(3, {{1, Comparison::kGe, 0}}, WaitMode::kChange);
  Cookies();
  memory_is_there_ = false;
  EXPECT_THAT(LookAfter(1, 0), IsEmpty());
  memory_is_there_ = true;
  EXPECT_THAT(LookAfter(1, 0), UnorderedElementsAre(1, 2, 3));
}

TEST_F(SignalWaitsTest, FiresAtOnceWhenTheLevelIsThereAlready) {
  signals_[1] = 7;
  EXPECT_EQ(Add(5, {{1, Comparison::kGe, 7}}), WaitTable::kGone);
  EXPECT_THAT(fired_, ElementsAre(Pair(5, ElementsAre(7))));
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.watched_signals(), 0u);
}

TEST_F(SignalWaitsTest, EveryComparisonFiresWhenItComesToHold) {
  const struct {
    Comparison comparison;
    uint64_t from, target, still_not, then;
  } rows[] = {
      {Comparison::kGe, 0, 5, 4, 5},
      {Comparison::kGt, 0, 5, 5, 6},
      {Comparison::kEq, 0, 5, 6, 5},
      {Comparison::kNe, 5, 5, 5, 0},
      {Comparison::kLe, 9, 5, 6, 5},
      {Comparison::kLt, 9, 5, 5, 4},
      {Comparison::kGe, 0, kMost, kMost - 1, kMost},
      {Comparison::kLe, 9, 0, 1, 0},
  };
  for (const auto& row : rows) {
    signals_[0] = row.from;
    ASSERT_NE(Add(1, {{0, row.comparison, row.target}}), WaitTable::kGone);
    EXPECT_THAT(LookAfter(0, row.still_not), IsEmpty()) << static_cast<int>(row.comparison);
    EXPECT_THAT(LookAfter(0, row.then), ElementsAre(1)) << static_cast<int>(row.comparison);
    EXPECT_EQ(table_.size(), 0u);
    EXPECT_EQ(table_.watched_signals(), 0u);
  }
}

TEST_F(SignalWaitsTest, WhatCanNeverHoldWaitsWithoutHarm) {
  const auto over = Add(1, {{0, Comparison::kGt, kMost}});
  const auto under = Add(2, {{0, Comparison::kLt, 0}});
  EXPECT_THAT(LookAfter(0, kMost), IsEmpty());
  EXPECT_THAT(LookAfter(0, 0), IsEmpty());
  EXPECT_TRUE(table_.Remove(over));
  EXPECT_TRUE(table_.Remove(under));
  EXPECT_FALSE(table_.Remove(under));
}

TEST_F(SignalWaitsTest, WatchFiresAtEveryChangeWhileItHolds) {
  Add(1, {{0, Comparison::kGe, 5}}, WaitMode::kWatch);
  EXPECT_THAT(LookAfter(0, 4), IsEmpty());
  EXPECT_THAT(LookAfter(0, 5), ElementsAre(1));
  EXPECT_THAT(LookAfter(0, 5), IsEmpty()) << "nothing changed";
  EXPECT_THAT(LookAfter(0, 9), ElementsAre(1));
  EXPECT_THAT(LookAfter(0, 2), IsEmpty()) << "moved back by SET";
  EXPECT_THAT(LookAfter(0, 3), IsEmpty());
  EXPECT_THAT(LookAfter(0, 6), ElementsAre(1));
}

TEST_F(SignalWaitsTest, AllHoldsAtOneLookOnly) {
  Add(1, {{0, Comparison::kGe, 1}, {1, Comparison::kGe, 1}, {2, Comparison::kGe, 1}}, WaitMode::kOnce, Combine::kAll);
  EXPECT_THAT(LookAfter(0, 1), IsEmpty());
  EXPECT_THAT(LookAfter(2, 1), IsEmpty());
  signals_[0] = 0;
  EXPECT_THAT(LookAfter(1, 1), IsEmpty()) << "signal 0 went back";
  signals_[0] = 4;
  table_.Look();
  EXPECT_THAT(fired_, ElementsAre(Pair(1, ElementsAre(4, 1, 1))));
  EXPECT_EQ(table_.watched_signals(), 0u);
}

TEST_F(SignalWaitsTest, AllLooksAtItsOtherSignalsBeforeItFires) {
  Add(1, {{0, Comparison::kGe, 1}, {1, Comparison::kEq, 0}}, WaitMode::kOnce, Combine::kAll);
  signals_[1] = 8;  // not looked at yet
  signals_[0] = 1;
  table_.LookAt({0});
  EXPECT_THAT(fired_, IsEmpty());
  EXPECT_THAT(LookAfter(1, 0), ElementsAre(1));
}

TEST_F(SignalWaitsTest, AnyWatchReportsChangesOfAllItsSignalsWhileItHolds) {
  Add(1, {{0, Comparison::kGe, 1}, {1, Comparison::kGe, 10}}, WaitMode::kWatch, Combine::kAny);
  EXPECT_THAT(LookAfter(1, 3), IsEmpty());
  EXPECT_THAT(LookAfter(0, 1), ElementsAre(1));
  signals_[1] = 4;
  table_.Look();
  EXPECT_THAT(fired_, ElementsAre(Pair(1, ElementsAre(1, 4)))) << "signal 1 changed, signal 0 holds";
}

TEST_F(SignalWaitsTest, ChangeModeFiresWhateverTheConditionsSay) {
  const auto id = Add(1, {{0, Comparison::kGe, 100}, {3, Comparison::kGe, 100}}, WaitMode::kChange, Combine::kAll);
  EXPECT_THAT(Cookies(), ElementsAre(1)) << "once when added";
  EXPECT_THAT(LookAfter(3, 1), ElementsAre(1));
  EXPECT_THAT(LookAfter(4, 1), IsEmpty());
  EXPECT_TRUE(table_.Remove(id));
  EXPECT_EQ(table_.watched_signals(), 0u);
}

TEST_F(SignalWaitsTest, RepeatedConditionsCountOnce) {
  const auto id = Add(1, {{0, Comparison::kGe, 5}, {0, Comparison::kGe, 5}, {0, Comparison::kLt, 0}}, WaitMode::kWatch);
  EXPECT_THAT(LookAfter(0, 5), ElementsAre(1));
  EXPECT_THAT(LookAfter(0, 0), IsEmpty());
  EXPECT_TRUE(table_.Remove(id));
  EXPECT_EQ(table_.watched_signals(), 0u);
}

TEST_F(SignalWaitsTest, LookAtUnwatchedSignalsLoadsNothing) {
  Add(1, {{0, Comparison::kGe, 5}});
  loads_ = 0;
  table_.LookAt({7, 8});
  EXPECT_EQ(loads_, 0);
}

TEST_F(SignalWaitsTest, AddLooksAtItsSignalForTheOthersToo) {
  Add(1, {{0, Comparison::kGe, 5}});
  signals_[0] = 6;
  Add(2, {{0, Comparison::kGe, 10}});
  EXPECT_THAT(Cookies(), ElementsAre(1));
  EXPECT_THAT(LookAfter(0, 10), ElementsAre(2));
}

TEST_F(SignalWaitsTest, EndAllTellsEveryoneOnceAndForgets) {
  Add(1, {{0, Comparison::kGe, 5}});
  Add(2, {{0, Comparison::kGe, 0}}, WaitMode::kWatch);
  Add(3, {{1, Comparison::kGe, 5}, {2, Comparison::kGe, 5}}, WaitMode::kWatch, Combine::kAll);
  fired_.clear();
  table_.EndAll(absl::AbortedError("closed"));
  EXPECT_THAT(ended_, UnorderedElementsAre(1, 2, 3));
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.watched_signals(), 0u);
  EXPECT_THAT(LookAfter(0, 9), IsEmpty());
}

TEST_F(SignalWaitsTest, TenThousandArmedOneFiresConsidersOne) {
  for (uint64_t i = 1; i <= 10000; ++i) {
    Add(i, {{0, i % 2 == 0 ? Comparison::kGe : Comparison::kEq, i}});
    Add(100000 + i, {{1, Comparison::kGe, i}, {0, Comparison::kGe, 1}}, WaitMode::kOnce, Combine::kAll);
  }
  loads_ = 0;
  EXPECT_THAT(LookAfter(0, 1), ElementsAre(1)) << "the all-waits lie under signal 1, which is still 0";
  EXPECT_EQ(table_.considered(), 1u);
  EXPECT_EQ(loads_, 2);
  EXPECT_THAT(LookAfter(1, 1), ElementsAre(100001));
  EXPECT_EQ(table_.considered(), 2u);
  EXPECT_THAT(LookAfter(0, 3), UnorderedElementsAre(2, 3));
}

}  // namespace
}  // namespace l3link
