#include "backends/sim/chip/work_pace.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

constexpr uint64_t kSpin = 100;

class WorkPaceTest : public testing::Test {
 protected:
  // Works for `work_us` after a pause, and answers whether to look on then.
  bool LooksOnAfter(uint64_t pause_us, uint64_t work_us) {
    now_ += pause_us;
    pace_.OnWork(now_);
    now_ += work_us;
    return pace_.OnNothing(now_);
  }

  uint64_t now_ = 1000;
  WorkPace pace_{kSpin, now_};
};

TEST_F(WorkPaceTest, LooksOnForTheSpinAfterShortWork) {
  EXPECT_TRUE(LooksOnAfter(50, 2));
  EXPECT_TRUE(pace_.OnNothing(now_ + kSpin - 1));
  EXPECT_FALSE(pace_.OnNothing(now_ + kSpin));
}

TEST_F(WorkPaceTest, LooksOnFromTheStart) {
  EXPECT_TRUE(pace_.OnNothing(now_ + 1));
  EXPECT_FALSE(pace_.OnNothing(now_ + kSpin));
}

TEST_F(WorkPaceTest, SleepsAtOnceAfterLongWork) { EXPECT_FALSE(LooksOnAfter(50, 20)); }

TEST_F(WorkPaceTest, TurnsOfOneStretchAddUp) {
  pace_.OnWork(now_);
  pace_.OnWork(now_ + 19);
  EXPECT_FALSE(pace_.OnNothing(now_ + 21));
}

TEST_F(WorkPaceTest, SleepsAtOnceAfterWorkWithShortPauses) {
  EXPECT_TRUE(LooksOnAfter(30, 9));
  EXPECT_TRUE(LooksOnAfter(30, 9));
  EXPECT_FALSE(LooksOnAfter(30, 9)) << "9 us each 39 us";
}

TEST_F(WorkPaceTest, AnswersOfRoundTripsNeverAddUp) {
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(LooksOnAfter(35, 3)) << i;
}

TEST_F(WorkPaceTest, LooksOnAgainAPauseAfterTheLongestBulk) {
  for (int i = 0; i < 100; ++i) LooksOnAfter(1, 1000);
  EXPECT_FALSE(LooksOnAfter(159, 1));
  EXPECT_TRUE(LooksOnAfter(320, 1));
}

}  // namespace
}  // namespace l3link
