// MemoryService.Stream over the wire: ordered operations, ten thousand waits beside them, watches, sessions, ends.
#include <gmock/gmock.h>

#include <cstring>
#include <set>
#include <thread>

#include "tests/e2e/memory_bench.h"

namespace l3link {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class MemoryStreamTest : public MemoryBench {};

TEST_F(MemoryStreamTest, OperationsAreDoneAndAnsweredInOrder) {
  const v1::RegionId left = Open("left"), right = Open("right");
  grpc::ClientContext context;
  v1::MemoryAttached attached;
  auto stream = Attach(&context, {left, right}, "", &attached);
  EXPECT_EQ(attached.next_op_sequence(), 1u);
  EXPECT_EQ(attached.regions_size(), 2);
  EXPECT_FALSE(attached.session_id().empty());
  for (uint64_t i = 1; i <= 1000; ++i) {
    const std::string op = "operation { op_sequence: " + std::to_string(i);
    if (i % 2 == 1) {
      Send(*stream, op + " write { offset: 8 data: 'job" + std::to_string(i) +
                        "' notify { signal: 0 value: " + std::to_string(i) + " } } }");
    } else {
      Send(*stream, op + " read { offset: 8 length: " + std::to_string(3 + std::to_string(i - 1).size()) + " } }");
    }
  }
  for (uint64_t i = 1; i <= 1000; ++i) {
    const std::string expected =
        i % 2 == 1 ? " signal_value: " + std::to_string(i) : " data: \"job" + std::to_string(i - 1) + "\"";
    ASSERT_EQ(Next(*stream), "result { op_sequence: " + std::to_string(i) + expected + " }");
  }
  stream->WritesDone();
  EXPECT_EQ(Next(*stream), "END 0 ") << "half-close ends a stream that has said all";
}

TEST_F(MemoryStreamTest, ChipWorksForAWatchingClient) {
  constexpr int kElements = 1000;
  const v1::RegionId id = Open("vector", 12 * kElements, 2);
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  std::vector<float> terms(2 * kElements, 1.25f);
  v1::MemoryServiceStreamRequest write;
  write.mutable_operation()->mutable_write()->set_data(terms.data(), terms.size() * sizeof(float));
  Send(*stream, "watch { watch_id: 9 conditions { signal: 1 target: 1 } }");
  for (uint64_t job = 1; job <= 50; ++job) {
    *write.mutable_operation()->mutable_write()->mutable_notify() =
        Proto<v1::Notification>("signal: 0 value: " + std::to_string(job));
    ASSERT_TRUE(stream->Write(write));
    std::set<std::string> said = {Next(*stream), Next(*stream)};
    EXPECT_EQ(said, (std::set<std::string>{"event { watch_id: 9 satisfied: true values: " + std::to_string(job) + " }",
                                           "result { signal_value: " + std::to_string(job) + " }"}));
  }
  std::string sum;
  ASSERT_TRUE(Read(id, 8 * kElements, 4, &sum).ok());
  float element;
  std::memcpy(&element, sum.data(), sizeof(element));
  EXPECT_EQ(element, 2.5f);
}

TEST_F(MemoryStreamTest, TenThousandWaitsOnOneStreamWhileOperationsGoOn) {
  constexpr int kWaits = 10000;
  const v1::RegionId id = Open("r");
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  for (int i = 1; i <= kWaits; ++i) {
    Send(*stream, "watch { watch_id: " + std::to_string(i) +
                      " once: true conditions { signal: 2 target: " + std::to_string(i) + " } }");
    if (i % 100 == 0) Send(*stream, "operation { notify { signal: 0 value: " + std::to_string(i) + " } }");
  }
  for (int i = 100; i <= kWaits; i += 100) {
    ASSERT_EQ(Next(*stream), "result { signal_value: " + std::to_string(i) + " }") << "no wait is in the way";
  }
  AwaitWaits(id, kWaits);
  ASSERT_TRUE(Notify(id, "signal: 2 value: 1").ok());
  EXPECT_EQ(Next(*stream), "event { watch_id: 1 satisfied: true values: 1 }");
  ASSERT_TRUE(Notify(id, "signal: 2 value: 10000").ok());
  std::set<std::string> events;
  for (int i = 2; i <= kWaits; ++i) events.insert(Next(*stream));
  EXPECT_EQ(events.size(), static_cast<size_t>(kWaits - 1)) << "each once";
  for (const std::string& event : events) EXPECT_THAT(event, HasSubstr("satisfied: true values: 10000 }"));
  AwaitWaits(id, 0);
}

TEST_F(MemoryStreamTest, SlowReaderOfAWatchGetsThePresentAndNotThePast) {
  const v1::RegionId id = Open("r");
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  Send(*stream, "watch { watch_id: 1 conditions { signal: 2 target: 1 } }");
  AwaitWaits(id, 1);
  constexpr uint64_t kLevels = 20000;
  grpc::ClientContext other_context;
  auto other = Attach(&other_context, {id});
  std::thread reader([&] {
    for (uint64_t i = 1; i <= kLevels; ++i) ASSERT_THAT(Next(*other), StartsWith("result"));
  });
  for (uint64_t i = 1; i <= kLevels; ++i) {
    Send(*other, "operation { notify { signal: 2 value: " + std::to_string(i) + " } }");
  }
  reader.join();
  uint64_t newest = 0, events = 0;
  while (newest < kLevels) {
    v1::MemoryServiceStreamResponse frame;
    ASSERT_TRUE(stream->Read(&frame));
    ASSERT_GT(frame.event().values(0), newest) << "levels only rise here";
    newest = frame.event().values(0);
    ++events;
  }
  EXPECT_LE(events, kLevels);
  Send(*stream, "unwatch { watch_id: 1 }");
  AwaitWaits(id, 0);
}

TEST_F(MemoryStreamTest, TimeoutsAndConditionsOverTwoRegions) {
  const v1::RegionId left = Open("left"), right = Open("right");
  grpc::ClientContext context;
  auto stream = Attach(&context, {left, right});
  const std::string both =
      " once: true combine: COMBINE_ALL conditions { signal: 0 target: 1 } conditions { signal: 0 target: 1 "
      "region_index: 1 } ";
  Send(*stream, "watch { watch_id: 1" + both + "timeout { nanos: 30000000 } }");
  EXPECT_EQ(Next(*stream), "event { watch_id: 1 values: 0 values: 0 }");
  Send(*stream, "watch { watch_id: 1" + both + "}");
  Send(*stream, "operation { notify { signal: 0 value: 1 } }");
  EXPECT_EQ(Next(*stream), "result { signal_value: 1 }");
  ASSERT_TRUE(Notify(right, "signal: 0 value: 4").ok());
  EXPECT_EQ(Next(*stream), "event { watch_id: 1 satisfied: true values: 1 values: 4 }");
  AwaitWaits(left, 0);
  AwaitWaits(right, 0);
}

TEST_F(MemoryStreamTest, LostStreamIsResumedByItsSessionWithoutDoingAnythingTwice) {
  const v1::RegionId id = Open("r");
  const std::string add = "operation { op_sequence: 1 notify { signal: 0 op: NOTIFY_OP_ADD value: 1 } }";
  {
    grpc::ClientContext context;
    auto stream = Attach(&context, {id}, "mine");
    Send(*stream, add);
    EXPECT_EQ(Next(*stream), "result { op_sequence: 1 signal_value: 1 }");
    context.TryCancel();
  }
  grpc::ClientContext context;
  v1::MemoryAttached attached;
  auto stream = Attach(&context, {id}, "mine", &attached);
  EXPECT_EQ(attached.next_op_sequence(), 2u);
  Send(*stream, add);
  EXPECT_EQ(Next(*stream), "result { op_sequence: 1 signal_value: 1 }");
  EXPECT_EQ(SignalOf(id, 0), 1u);
  grpc::ClientContext newer_context;
  auto newer = Attach(&newer_context, {id}, "mine");
  Send(*stream, "operation { op_sequence: 2 notify { signal: 0 value: 9 } }");
  EXPECT_EQ(Next(*stream), "END 10 SESSION_SUPERSEDED");
  Send(*newer, "operation { op_sequence: 4 notify { signal: 0 value: 9 } }");
  EXPECT_EQ(Next(*newer), "END 9 SEQUENCE_GAP");
  EXPECT_EQ(SignalOf(id, 0), 1u);
}

TEST_F(MemoryStreamTest, ClosedRegionEndsItsWatchesAndLeavesTheOthers) {
  const v1::RegionId left = Open("left"), right = Open("right");
  grpc::ClientContext context;
  auto stream = Attach(&context, {left, right});
  Send(*stream, "watch { watch_id: 1 conditions { signal: 0 target: 1 } }");
  Send(*stream, "watch { watch_id: 2 once: true conditions { signal: 0 target: 1 region_index: 1 } }");
  AwaitWaits(left, 1);
  AwaitWaits(right, 1);
  ASSERT_TRUE(Close(left).ok());
  EXPECT_THAT(Next(*stream), HasSubstr("watch_id: 1 values: 0 code: 10 reason: \"REGION_CLOSED\""));
  Send(*stream, "operation { op_sequence: 1 write { data: 'x' } }");
  EXPECT_THAT(Next(*stream), HasSubstr("op_sequence: 1 code: 10 reason: \"REGION_CLOSED\""));
  ASSERT_TRUE(Notify(right, "signal: 0 value: 1").ok());
  EXPECT_EQ(Next(*stream), "event { watch_id: 2 satisfied: true values: 1 }");
}

TEST_F(MemoryStreamTest, ClientGoneLeavesNoWaits) {
  const v1::RegionId id = Open("r");
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  for (int i = 1; i <= 100; ++i) {
    Send(*stream, "watch { watch_id: " + std::to_string(i) + " conditions { signal: 0 target: 1 } }");
  }
  AwaitWaits(id, 100);
  context.TryCancel();
  AwaitWaits(id, 0);
}

TEST_F(MemoryStreamTest, FramesThatBreakTheProtocolEndTheStream) {
  const v1::RegionId id = Open("r");
  const std::pair<const char*, const char*> rows[] = {
      {"renew { token: 1 }", "END 3 ATTACH_EXPECTED"},
      {"attach {}", "END 3 INVALID_ARGUMENT_FIELD"},
      {"attach { regions { name: 'none' } }", "END 5 REGION_NOT_FOUND"},
      {"attach { regions { name: 'r' generation: 1 } }", "END 9 STALE_ID"},
      {"attach { regions { name: 'r' worker_id: 4 } }", "END 5 WORKER_NOT_FOUND"},
      {"attach { regions { name: 'r' } session_id: '\\n' }", "END 3 INVALID_ARGUMENT_FIELD"},
  };
  for (const auto& [frame, end] : rows) {
    grpc::ClientContext context;
    auto stream = stub_->Stream(&context);
    Send(*stream, frame);
    EXPECT_EQ(Next(*stream), end) << frame;
  }
  const std::pair<const char*, const char*> later[] = {{"", "END 3 MALFORMED_FRAME"},
                                                       {"attach { regions { name: 'r' } }", "END 3 ATTACH_TWICE"}};
  for (const auto& [frame, end] : later) {
    grpc::ClientContext context;
    auto stream = Attach(&context, {id});
    Send(*stream, frame);
    EXPECT_EQ(Next(*stream), end) << frame;
  }
}

TEST_F(MemoryStreamTest, StopIsAnnouncedAndTheClientMayFinish) {
  const v1::RegionId id = Open("r");
  grpc::ClientContext context;
  auto stream = Attach(&context, {id});
  Send(*stream, "watch { watch_id: 1 conditions { signal: 0 target: 1 } }");
  AwaitWaits(id, 1);
  std::thread client([&] {
    EXPECT_THAT(Next(*stream), StartsWith("draining"));
    Send(*stream, "operation { notify { signal: 0 value: 1 } }");
    std::set<std::string> said = {Next(*stream), Next(*stream)};
    EXPECT_EQ(said.count("result { signal_value: 1 }"), 1u);
    Send(*stream, "unwatch { watch_id: 1 }");
    stream->WritesDone();
    EXPECT_EQ(Next(*stream), "END 0 ");
  });
  EXPECT_EQ(node_.Terminate(), 0) << node_.log();
  client.join();
}

}  // namespace
}  // namespace l3link
