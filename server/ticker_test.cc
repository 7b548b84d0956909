#include "server/ticker.h"

#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(TickerTest, RunsWhatIsDueInOrderOfTime) {
  Ticker ticker;
  std::vector<int> order;
  absl::Notification done;
  const MonoTime base = MonoNow() + std::chrono::milliseconds(50);
  ticker.Add(base + std::chrono::milliseconds(2), [&](MonoTime) { order.push_back(2); });
  ticker.Add(base + std::chrono::milliseconds(3), [&](MonoTime) { done.Notify(); });
  ticker.Add(base, [&](MonoTime now) {
    EXPECT_GE(now, base);
    order.push_back(1);
  });
  done.WaitForNotification();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(TickerTest, AnEarlierActionWakesTheSleeper) {
  Ticker ticker;
  absl::Notification late, soon;
  ticker.Add(MonoNow() + std::chrono::hours(1), [&](MonoTime) { late.Notify(); });
  ticker.Add(MonoNow(), [&](MonoTime) { soon.Notify(); });
  soon.WaitForNotification();
  EXPECT_FALSE(late.HasBeenNotified());
}

TEST(TickerTest, ACancelledActionNeverRuns) {
  Ticker ticker;
  bool ran = false;
  absl::Notification done;
  const uint64_t id = ticker.Add(MonoNow() + std::chrono::milliseconds(20), [&](MonoTime) { ran = true; });
  EXPECT_TRUE(ticker.Cancel(id));
  EXPECT_FALSE(ticker.Cancel(id));
  ticker.Add(MonoNow() + std::chrono::milliseconds(30), [&](MonoTime) { done.Notify(); });
  done.WaitForNotification();
  EXPECT_FALSE(ran);
}

TEST(TickerTest, AnActionMayAddAndCancel) {
  Ticker ticker;
  absl::Notification done;
  const uint64_t other = ticker.Add(kNever, [](MonoTime) { FAIL(); });
  ticker.Add(MonoNow(), [&](MonoTime now) {
    EXPECT_TRUE(ticker.Cancel(other));
    ticker.Add(now, [&](MonoTime) { done.Notify(); });
  });
  done.WaitForNotification();
}

TEST(TickerTest, NothingRunsAfterStop) {
  Ticker ticker;
  ticker.Stop();
  bool ran = false;
  ticker.Add(MonoNow(), [&](MonoTime) { ran = true; });
  ticker.Stop();
  EXPECT_FALSE(ran);
  EXPECT_EQ(ticker.paused(), absl::ZeroDuration());
}

}  // namespace
}  // namespace l3link
