#include "client/notify_pace.h"

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

MonoTime At(double seconds) { return After(MonoTime(), absl::Seconds(seconds)); }

TEST(NotifyPaceTest, WantsAStreamForAFewInARow) {
  NotifyPace pace;
  EXPECT_FALSE(pace.WantsStream(At(0)));
  EXPECT_EQ(pace.idle_at(), kNever);
  for (int i = 1; i <= NotifyPace::kRow; ++i) {
    pace.OnNotify(At(i * 0.1));
    EXPECT_EQ(pace.WantsStream(At(i * 0.1)), i == NotifyPace::kRow) << i;
  }
  EXPECT_EQ(pace.idle_at(), After(At(NotifyPace::kRow * 0.1), NotifyPace::kIdle));
}

TEST(NotifyPaceTest, WantsNoneForOneNowAndThen) {
  NotifyPace pace;
  for (int i = 0; i < 100; ++i) {
    pace.OnNotify(At(i));
    pace.OnNotify(At(i + 0.01));
    EXPECT_FALSE(pace.WantsStream(At(i + 0.01)));
  }
}

TEST(NotifyPaceTest, WantsNoneForAWhileWhereNoneWasToBeHad) {
  NotifyPace pace;
  for (int i = 0; i < NotifyPace::kRow; ++i) pace.OnNotify(At(1));
  pace.OnRefused(At(1));
  pace.OnNotify(At(1.09));
  EXPECT_FALSE(pace.WantsStream(At(1.09)));
  EXPECT_TRUE(pace.WantsStream(After(At(1), NotifyPace::kRefusedPause)));
}

}  // namespace
}  // namespace l3link::client
