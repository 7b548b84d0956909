// kill -9 of the daemon between operations on regions: what was answered is not done again, and watches hold on the level.
#include <gmock/gmock.h>

#include "tests/e2e/memory_bench.h"

namespace l3link {
namespace {

class MemoryKillTest : public MemoryBench {
 protected:
  void KillAndRestart() {
    node_.Kill();
    node_.Restart();
    ASSERT_TRUE(node_.ready()) << node_.log();
    stub_ = v1::MemoryService::NewStub(node_.Connect());
  }
};

TEST_F(MemoryKillTest, ASessionGoesOnAndNothingIsDoneTwice) {
  const v1::RegionId id = Open("r");
  const std::string add = "operation { op_sequence: 1 notify { signal: 0 op: NOTIFY_OP_ADD value: 5 } }";
  const std::string wrong = "operation { op_sequence: 2 notify { signal: 9 value: 1 } }";
  {
    grpc::ClientContext context;
    auto stream = Attach(&context, {id}, "mine");
    Send(*stream, add);
    EXPECT_EQ(Next(*stream), "result { op_sequence: 1 signal_value: 5 }");
    Send(*stream, wrong);
    EXPECT_THAT(Next(*stream), testing::HasSubstr("SIGNAL_NOT_FOUND"));
    context.TryCancel();
  }
  KillAndRestart();
  grpc::ClientContext context;
  v1::MemoryAttached attached;
  auto stream = Attach(&context, {id}, "mine", &attached);
  EXPECT_EQ(attached.next_op_sequence(), 3u);
  Send(*stream, add);
  EXPECT_EQ(Next(*stream), "result { op_sequence: 1 signal_value: 5 }");
  Send(*stream, wrong);
  EXPECT_THAT(Next(*stream), testing::HasSubstr("SIGNAL_NOT_FOUND"));
  EXPECT_EQ(SignalOf(id, 0), 5u);
  Send(*stream, "operation { op_sequence: 3 notify { signal: 0 op: NOTIFY_OP_ADD value: 1 } }");
  EXPECT_EQ(Next(*stream), "result { op_sequence: 3 signal_value: 6 }");
}

TEST_F(MemoryKillTest, ANotifyWithARequestIdIsNotDoneTwice) {
  const v1::RegionId id = Open("r");
  uint64_t value = 0;
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 5", "once", &value).ok());
  EXPECT_EQ(value, 5u);
  KillAndRestart();
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 5", "once", &value).ok());
  EXPECT_EQ(value, 5u);
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 5", "twice", &value).ok());
  EXPECT_EQ(value, 10u);
  EXPECT_EQ(ReasonOf(Notify(id, "signal: 0 value: 1", "once")), "INVALID_ARGUMENT_FIELD");
}

TEST_F(MemoryKillTest, AWriteWithARequestIdLeavesNewerDataAloneAfterARestart) {
  const v1::RegionId id = Open("r");
  const std::vector<std::string> write = {
      "region { name: 'r' } data: 'older' request_id: 'w' notify { signal: 0 op: NOTIFY_OP_ADD value: 5 }"};
  ASSERT_TRUE(Write(write).ok());
  ASSERT_TRUE(Write(id, 0, "newer").ok());
  KillAndRestart();
  v1::WriteResponse response;
  ASSERT_TRUE(Write(write, &response).ok());
  EXPECT_EQ(response.signal_value(), 5u);
  std::string data;
  ASSERT_TRUE(Read(id, 0, 5, &data).ok());
  EXPECT_EQ(data, "newer");
}

TEST_F(MemoryKillTest, AWatchHoldsOnTheLevelThatWasReached) {
  const v1::RegionId id = Open("r");
  ASSERT_TRUE(Notify(id, "signal: 0 value: 7").ok());
  KillAndRestart();
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  Send(*stream, "watch { watch_id: 1 once: true conditions { signal: 0 target: 7 } }");
  EXPECT_EQ(Next(*stream), "event { watch_id: 1 satisfied: true values: 7 }");
}

}  // namespace
}  // namespace l3link
