// Notifies over the region's stream against a real node: each is done once over breaks and kill -9 of the daemon, and a refusal
// says what the unary call says.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/errors.h"
#include "client/monitor.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

constexpr SignalChange kAddOne = {.signal = 0, .value = 1, .op = SignalOp::kAdd};

// Reached by its socket, whose name stays the same over a restart.
class ClientNotifyTest : public ClientFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.ready()) << node_.log();
    auto orchestrator = Orchestrator::Connect({node_.unix_target()});
    ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
    orchestrator_ = *std::move(orchestrator);
    v1::RegionConfig config;
    config.set_data_bytes(64);
    auto region = orchestrator_->OpenRegion(0, "notified", config);
    ASSERT_TRUE(region.ok()) << region.status();
    region_ = *std::move(region);
  }

  // A stream is there from then on: a watch wants it.
  WatchHandle WatchForever() {
    const SignalCondition condition = {.signal = 0, .target = 0};
    Mutex mutex;
    Condition told;
    bool fired = false;
    auto handle = region_->Watch({&condition, 1}, Combine::kAny, [&, first = true](const auto&) mutable {
      if (!std::exchange(first, false)) return;
      MutexLock lock(mutex);
      fired = true;
      told.WakeAll();
    });
    MutexLock lock(mutex);
    while (!fired) told.WaitUntil(mutex, kNever);
    return *std::move(handle);
  }

  static void ExpectAlike(const absl::Status& status, const absl::Status& unary) {
    EXPECT_EQ(status.code(), unary.code());
    EXPECT_EQ(status.message(), unary.message());
    EXPECT_EQ(ReasonOf(status), ReasonOf(unary));
    EXPECT_EQ(MetadataOf(status), MetadataOf(unary));
  }

  std::unique_ptr<Region> region_;
};

TEST_F(ClientNotifyTest, EachIsDoneOnceOverBreaksAndKills) {
  constexpr int kCallers = 3;
  std::atomic<bool> done{false};
  std::atomic<uint64_t> notified{0};
  std::vector<uint64_t> values[kCallers];
  std::vector<std::thread> callers;
  for (std::vector<uint64_t>& mine : values) {
    callers.emplace_back([&] {
      while (!done) {
        const auto value = region_->Notify(kAddOne);
        ASSERT_TRUE(value.ok()) << value.status();
        mine.push_back(*value);
        ++notified;
      }
    });
  }
  for (int i = 0; i < 12; ++i) {
    for (const uint64_t before = notified; notified < before + 200;) std::this_thread::yield();  // amid them
    if (i % 3 != 2) {
      region_->BreakForTest();
      continue;
    }
    node_.Kill();
    node_.Restart();
    ASSERT_TRUE(node_.ready()) << node_.log();
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
  std::vector<uint64_t> all;
  for (const std::vector<uint64_t>& mine : values) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end())) << "a caller's notifies are done in order";
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<uint64_t> counted(all.size());
  std::iota(counted.begin(), counted.end(), 1);
  EXPECT_EQ(all, counted) << "one was done twice, or not at all";
}

TEST_F(ClientNotifyTest, OneCallersChangesKeepTheirOrderBesideAWatch) {
  for (uint64_t value = 1; value <= 50; ++value) EXPECT_EQ(*region_->Notify({.signal = 0, .value = value}), value);
  const WatchHandle watch = WatchForever();
  for (uint64_t value = 51; value <= 300; ++value) {
    EXPECT_EQ(*region_->Notify({.signal = 0, .value = value}), value);
    EXPECT_EQ(region_->Test({{SignalCondition{0, value, Compare::kEq}}})->satisfied, true) << value;
    if (value % 50 == 0) region_->BreakForTest();
  }
}

TEST_F(ClientNotifyTest, ARefusalSaysWhatTheUnaryCallSays) {
  const absl::Status unary = region_->Notify({.signal = 9, .value = 1}).status();
  const absl::Status of_chip = region_->Notify({.signal = 1, .value = 1}).status();
  const WatchHandle watch = WatchForever();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(region_->Notify(kAddOne).ok());
  ExpectAlike(region_->Notify({.signal = 9, .value = 1}).status(), unary);
  EXPECT_TRUE(HasReason(unary, v1::SIGNAL_NOT_FOUND)) << unary;
  EXPECT_FALSE(MetadataOf(unary).empty());
  ExpectAlike(region_->Notify({.signal = 1, .value = 1}).status(), of_chip);
  EXPECT_TRUE(HasReason(of_chip, v1::SIGNAL_NOT_HOST_WRITTEN)) << of_chip;
  ASSERT_TRUE(region_->Close().ok());
  const absl::Status closed = region_->Notify(kAddOne).status();
  EXPECT_TRUE(HasReason(closed, v1::REGION_NOT_FOUND)) << closed;
  EXPECT_FALSE(MetadataOf(closed).empty());
}

}  // namespace
}  // namespace l3link::client
