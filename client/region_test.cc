#include "client/region.h"

#include <atomic>
#include <vector>

#include "client/monitor.h"
#include "client/orchestrator.h"
#include "client/testing/echo_node.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

class RegionTest : public testing::Test {
 protected:
  RegionTest() {
    orchestrator_ = *Orchestrator::Connect({node_.target()});
    region_ = *orchestrator_->OpenRegion(0, "data", {});
  }

  EchoNode node_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::unique_ptr<Region> region_;
};

TEST_F(RegionTest, WaitsAndTimesOutWithoutAnError) {
  node_.SetSignal(5);
  const auto holds = region_->Wait({.signal = 0, .target = 5});
  ASSERT_TRUE(holds.ok()) << holds.status();
  EXPECT_TRUE(holds->satisfied);
  EXPECT_EQ(holds->values, std::vector<uint64_t>{5});
  const auto not_yet = region_->Wait({.signal = 0, .target = 6}, absl::Milliseconds(20));
  ASSERT_TRUE(not_yet.ok());
  EXPECT_FALSE(not_yet->satisfied);
}

TEST_F(RegionTest, ArmsWatchesAgainAfterABreak) {
  Mutex mutex;
  Condition changed;
  std::vector<uint64_t> seen;
  const SignalCondition condition = {.signal = 0, .target = 1};
  auto handle = region_->Watch({&condition, 1}, Combine::kAny, [&](const absl::StatusOr<WaitResult>& result) {
    ASSERT_TRUE(result.ok()) << result.status();
    MutexLock lock(mutex);
    seen.push_back(result->values[0]);
    changed.WakeAll();
  });
  for (const uint64_t value : {1, 2, 3}) {
    node_.SetSignal(value);
    region_->BreakForTest();
    MutexLock lock(mutex);
    while (seen.empty() || seen.back() < value) {
      changed.WaitUntil(mutex, After(MonoNow(), absl::Milliseconds(200)));
      if (!seen.empty() && seen.back() == value) break;
      mutex.Unlock();
      region_->BreakForTest();  // it was armed before the value came: this node looks only then
      mutex.Lock();
    }
  }
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(RegionTest, HoldsManyWaitsOnOneStream) {
  constexpr int kWaits = 10'000;
  std::atomic<int> ended{0};
  Mutex mutex;
  Condition all;
  const SignalCondition condition = {.signal = 0, .target = 0};
  std::vector<WatchHandle> handles;
  for (int i = 0; i < kWaits; ++i) {
    handles.push_back(*region_->WaitThen({&condition, 1}, Combine::kAny, absl::InfiniteDuration(),
                                         [&](const absl::StatusOr<WaitResult>& result) {
                                           EXPECT_TRUE(result.ok() && result->satisfied);
                                           MutexLock lock(mutex);
                                           if (++ended == kWaits) all.WakeAll();
                                         }));
  }
  MutexLock lock(mutex);
  while (ended < kWaits) all.WaitUntil(mutex, kNever);
  EXPECT_EQ(node_.attaches(), 1);
}

TEST_F(RegionTest, EndsItsWatchesWhenItIsDestroyed) {
  const SignalCondition condition = {.signal = 0, .target = 1};
  std::atomic<bool> called{false};
  auto handle = region_->Watch({&condition, 1}, Combine::kAny, [&](const auto&) { called = true; });
  region_.reset();
  node_.SetSignal(1);
  handle->Cancel();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace l3link::client
