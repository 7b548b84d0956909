#include "client/region.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "client/errors.h"
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

TEST_F(RegionTest, GivesNotifyTheTimeOfACall) {
  ConnectOptions options;
  options.call_timeout = absl::Hours(1);
  const auto patient = Orchestrator::Connect({node_.target()}, options);
  ASSERT_TRUE(patient.ok()) << patient.status();
  ASSERT_TRUE((*(*patient)->OpenRegion(0, "data", {}))->Notify({.signal = 0, .value = 1}).ok());
  EXPECT_GT(node_.notify_deadline(), absl::Minutes(30));
}

TEST_F(RegionTest, ArmsAgainOverAFreshConnectionWhenAnAttachIsNotAnswered) {
  node_.SetSignal(1);
  const SignalCondition condition = {.signal = 0, .target = 2};
  Mutex mutex;
  Condition done;
  uint64_t seen = 0;
  auto handle = region_->WaitThen({&condition, 1}, Combine::kAny, absl::InfiniteDuration(), [&](const auto& result) {
    ASSERT_TRUE(result.ok()) << result.status();
    MutexLock lock(mutex);
    seen = result->values[0];
    done.WakeAll();
  });
  while (node_.attaches() < 1) std::this_thread::yield();
  node_.HoldAttaches(true);
  region_->BreakForTest();
  while (node_.attaches() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(node_.connections(), 2);
  node_.SetSignal(2);
  node_.HoldAttaches(false);
  MutexLock lock(mutex);
  while (seen == 0) done.WaitUntil(mutex, kNever);
  EXPECT_EQ(seen, 2u);
}

TEST_F(RegionTest, TellsItsWatchesWhyWhenTheNodeStaysAway) {
  auto node = std::make_unique<EchoNode>("short-lived");
  ConnectOptions options;
  options.watch_reconnect_timeout = absl::Milliseconds(300);
  const auto orchestrator = Orchestrator::Connect({node->target()}, options);
  ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
  const auto region = *(*orchestrator)->OpenRegion(0, "data", {});
  absl::Status told;
  Mutex mutex;
  Condition done;
  const SignalCondition condition = {.signal = 0, .target = 1};
  auto handle = region->Watch({&condition, 1}, Combine::kAny, [&](const absl::StatusOr<WaitResult>& result) {
    MutexLock lock(mutex);
    told = result.status();
    done.WakeAll();
  });
  while (node->attaches() < 1) std::this_thread::yield();
  node.reset();
  MutexLock lock(mutex);
  while (told.ok()) done.WaitUntil(mutex, kNever);
  EXPECT_NE(told.message().find("node short-lived: "), absl::string_view::npos) << told;
  EXPECT_FALSE(HasReason(told, v1::INTERNAL_ERROR)) << told;
}

TEST_F(RegionTest, RefusesANegativeTimeoutNamingTheField) {
  const absl::Duration negative = absl::Seconds(-1);
  char byte = 0;
  const SignalCondition condition = {.signal = 0, .target = 1};
  for (const absl::Status& refused :
       {region_->Read(0, {&byte, 1}, negative), region_->Write(0, "x", negative),
        region_->WriteThenNotify(0, "x", {.signal = 0, .value = 1}, negative).status(),
        region_->Wait(condition, negative).status(),
        region_->WaitThen({&condition, 1}, Combine::kAny, negative, [](const auto&) {}).status()}) {
    EXPECT_EQ(refused.message(), "timeout: -1s is negative, must be 0 or more");
    EXPECT_TRUE(HasReason(refused, v1::INVALID_ARGUMENT_FIELD)) << refused;
  }
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
