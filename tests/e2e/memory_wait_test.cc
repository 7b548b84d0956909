// Unary waits: any and all, timeouts, a region closed or a client gone meanwhile, a node that stops. No thread waits.
#include <chrono>
#include <future>

#include "tests/e2e/memory_bench.h"

namespace l3link {
namespace {

class MemoryWaitTest : public MemoryBench {
 protected:
  struct Ended {
    grpc::Status status;
    v1::WaitResponse response;
  };

  std::future<Ended> Wait(const std::string& request, grpc::ClientContext* context = nullptr) {
    return std::async(std::launch::async, [this, request, context] {
      grpc::ClientContext own;
      Ended ended;
      ended.status = stub_->Wait(context != nullptr ? context : &own, Proto<v1::WaitRequest>(request), &ended.response);
      return ended;
    });
  }
};

TEST_F(MemoryWaitTest, AnyEndsWithTheFirstAndAllWithTheLast) {
  const v1::RegionId id = Open("r");
  const std::string two = "region { name: 'r' } conditions { signal: 0 target: 1 } conditions { signal: 2 target: 1 } ";
  auto any = Wait(two);
  auto all = Wait(two + "combine: COMBINE_ALL");
  AwaitWaits(id, 2);
  ASSERT_TRUE(Notify(id, "signal: 2 value: 5").ok());
  const Ended first = any.get();
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  EXPECT_EQ(first.response.ShortDebugString(), "satisfied: true values: 0 values: 5");
  AwaitWaits(id, 1);
  ASSERT_TRUE(Notify(id, "signal: 0 value: 2").ok());
  EXPECT_EQ(all.get().response.ShortDebugString(), "satisfied: true values: 2 values: 5");
}

TEST_F(MemoryWaitTest, TimeoutIsAnAnswerAndZeroIsOneProbe) {
  const v1::RegionId id = Open("r");
  const std::string wait = "region { name: 'r' } conditions { signal: 0 target: 1 } ";
  const Ended probe = Wait(wait + "timeout {}").get();
  ASSERT_TRUE(probe.status.ok());
  EXPECT_EQ(probe.response.ShortDebugString(), "values: 0");
  const auto begin = std::chrono::steady_clock::now();
  const Ended slow = Wait(wait + "timeout { nanos: 50000000 }").get();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
  ASSERT_TRUE(slow.status.ok());
  EXPECT_FALSE(slow.response.satisfied());
  ASSERT_TRUE(Notify(id, "signal: 0 value: 1").ok());
  EXPECT_TRUE(Wait(wait + "timeout {}").get().response.satisfied());
  AwaitWaits(id, 0);
}

TEST_F(MemoryWaitTest, CloseEndsTheWait) {
  const v1::RegionId id = Open("r");
  auto wait = Wait("region { name: 'r' } conditions { signal: 0 target: 1 }");
  AwaitWaits(id, 1);
  ASSERT_TRUE(Close(id).ok());
  const Ended ended = wait.get();
  EXPECT_EQ(ended.status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(ended.status), "REGION_CLOSED");
}

TEST_F(MemoryWaitTest, ClientThatGoesOrRunsOutOfTimeLeavesNoWait) {
  const v1::RegionId id = Open("r");
  grpc::ClientContext cancelled;
  auto wait = Wait("region { name: 'r' } conditions { signal: 0 target: 1 }", &cancelled);
  AwaitWaits(id, 1);
  cancelled.TryCancel();
  EXPECT_EQ(wait.get().status.error_code(), grpc::StatusCode::CANCELLED);
  AwaitWaits(id, 0);
  grpc::ClientContext late;
  late.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  wait = Wait("region { name: 'r' } conditions { signal: 0 target: 1 }", &late);
  EXPECT_EQ(wait.get().status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  AwaitWaits(id, 0);
}

TEST_F(MemoryWaitTest, BadWaitsSayWhy) {
  Open("r");
  const std::pair<const char*, const char*> rows[] = {
      {"region { name: 'none' } conditions { signal: 0 }", "REGION_NOT_FOUND"},
      {"region { worker_id: 5 name: 'r' } conditions { signal: 0 }", "WORKER_NOT_FOUND"},
      {"region { name: 'r' generation: 1 } conditions { signal: 0 }", "STALE_ID"},
      {"region { name: 'r' } conditions { signal: 4 }", "SIGNAL_NOT_FOUND"},
      {"region { name: 'r' }", "INVALID_ARGUMENT_FIELD"},
      {"region { name: 'r' } conditions { comparison: 9 }", "INVALID_ARGUMENT_FIELD"},
      {"region { name: 'r' } conditions { target: 1 } timeout { seconds: -1 }", "INVALID_ARGUMENT_FIELD"},
  };
  for (const auto& [request, reason] : rows) EXPECT_EQ(ReasonOf(Wait(request).get().status), reason) << request;
}

TEST_F(MemoryWaitTest, NodeThatStopsEndsItsWaitsWithAReason) {
  const v1::RegionId id = Open("r");
  auto wait = Wait("region { name: 'r' } conditions { signal: 0 target: 1 }");
  AwaitWaits(id, 1);
  EXPECT_EQ(node_.Terminate(), 0) << node_.log();
  EXPECT_EQ(ReasonOf(wait.get().status), "NODE_DRAINING");
}

}  // namespace
}  // namespace l3link
