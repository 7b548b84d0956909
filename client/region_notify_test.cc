// Region::Notify over the region's stream and beside it: what a node that breaks, forgets and refuses does to it.
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "client/errors.h"
#include "client/monitor.h"
#include "client/orchestrator.h"
#include "client/region.h"
#include "client/testing/echo_node.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

constexpr SignalChange kAddOne = {.signal = 0, .value = 1, .op = SignalOp::kAdd};

class RegionNotifyTest : public testing::Test {
 protected:
  RegionNotifyTest() { Open({}); }

  void Open(const ConnectOptions& options) {
    region_.reset();
    orchestrator_ = *Orchestrator::Connect({node_.target()}, options);
    region_ = *orchestrator_->OpenRegion(0, "data", {});
  }
  // Adds one to the signal until that goes by the stream.
  void GoOverToTheStream() {
    for (int unary = -1; unary != node_.unary_notifies();) {
      unary = node_.unary_notifies();
      const auto value = region_->Notify(kAddOne);
      ASSERT_TRUE(value.ok()) << value.status();
      ASSERT_EQ(*value, node_.signal());
    }
  }
  // One that the node has done and not answered.
  std::thread NotifyUnanswered(absl::StatusOr<uint64_t>* answer) {
    const uint64_t before = node_.signal();
    node_.HoldResults(true);
    std::thread caller([this, answer] { *answer = region_->Notify(kAddOne); });
    while (node_.signal() == before) std::this_thread::yield();
    return caller;
  }

  EchoNode node_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::unique_ptr<Region> region_;
};

TEST_F(RegionNotifyTest, AFewInARowGoOverToAStreamOfTheirOwn) {
  ASSERT_TRUE(region_->Notify(kAddOne).ok());
  EXPECT_EQ(node_.attaches(), 0) << "not for one";
  GoOverToTheStream();
  EXPECT_EQ(node_.attaches(), 1);
  const int unary = node_.unary_notifies();
  const uint64_t before = node_.signal();
  for (uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(*region_->Notify(kAddOne), before + i);
  EXPECT_EQ(node_.unary_notifies(), unary);
}

TEST_F(RegionNotifyTest, ManyCallersHaveTheirOwnAnswers) {
  GoOverToTheStream();
  const uint64_t before = node_.signal();
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([this] {
      for (uint64_t last = 0, j = 0; j < 200; ++j) {
        const auto value = region_->Notify(kAddOne);
        ASSERT_TRUE(value.ok()) << value.status();
        EXPECT_GT(*value, last);
        last = *value;
        if (j % 50 == 0) region_->BreakForTest();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(node_.signal(), before + 4 * 200);
}

TEST_F(RegionNotifyTest, IsDoneOnceWhenTheStreamBreaksBeforeTheAnswer) {
  GoOverToTheStream();
  const uint64_t before = node_.signal();
  absl::StatusOr<uint64_t> answer;
  std::thread caller = NotifyUnanswered(&answer);
  node_.HoldResults(false);
  region_->BreakForTest();
  caller.join();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, before + 1);
  EXPECT_EQ(node_.signal(), before + 1);
  EXPECT_EQ(*region_->Notify(kAddOne), before + 2);
}

TEST_F(RegionNotifyTest, SaysSoWhenTheNodeHasForgottenWhetherItWasDone) {
  GoOverToTheStream();
  absl::StatusOr<uint64_t> answer;
  std::thread caller = NotifyUnanswered(&answer);
  node_.ForgetSessions();
  node_.HoldResults(false);
  region_->BreakForTest();
  caller.join();
  EXPECT_TRUE(HasReason(answer.status(), v1::OUTCOME_UNKNOWN)) << answer.status();
  const uint64_t before = node_.signal();
  EXPECT_EQ(*region_->Notify(kAddOne), before + 1) << "the next one is whole again";
}

TEST_F(RegionNotifyTest, EndsInTimeThoughTheNodeDoesNotAnswer) {
  ConnectOptions options;
  options.call_timeout = absl::Milliseconds(300);
  Open(options);
  GoOverToTheStream();
  absl::StatusOr<uint64_t> answer;
  NotifyUnanswered(&answer).join();
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer.status())) << answer.status();
  node_.HoldResults(false);
  region_->BreakForTest();  // this node answers late only what it is asked again
  const uint64_t before = node_.signal();
  EXPECT_EQ(*region_->Notify(kAddOne), before + 1);
}

TEST_F(RegionNotifyTest, GoesTheOldWayWhereTheNodeKeepsNoSession) {
  node_.RefuseOperations("STATE_SPACE_FULL");
  uint64_t expected = 0;
  while (node_.attaches() == 0 || expected < 50) EXPECT_EQ(*region_->Notify(kAddOne), ++expected);
  EXPECT_EQ(node_.signal(), expected);
  EXPECT_EQ(node_.unary_notifies(), static_cast<int>(expected));
  EXPECT_EQ(node_.attaches(), 1);
}

TEST_F(RegionNotifyTest, InACallbackItWaitsForNoOther) {
  GoOverToTheStream();
  const int unary = node_.unary_notifies();
  const SignalCondition now = {.signal = 0, .target = 0};
  Mutex mutex;
  Condition told;
  absl::StatusOr<uint64_t> answer = absl::CancelledError();
  const auto handle = region_->WaitThen({&now, 1}, Combine::kAny, absl::InfiniteDuration(), [&](const auto&) {
    auto value = region_->Notify(kAddOne);
    MutexLock lock(mutex);
    answer = std::move(value);
    told.WakeAll();
  });
  MutexLock lock(mutex);
  while (absl::IsCancelled(answer.status())) told.WaitUntil(mutex, kNever);
  EXPECT_EQ(answer.value(), node_.signal());
  EXPECT_EQ(node_.unary_notifies(), unary + 1);
}

}  // namespace
}  // namespace l3link::client
