#include "server/memory/memory_session.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/memory/paper_region.h"

namespace l3link {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MemorySessionTest : public ::testing::Test {
 protected:
  void SetUp() override { Attach("session"); }
  void TearDown() override { session_->Close(); }

  void Attach(const std::string& id) {
    if (session_ != nullptr) session_->Close();
    std::vector<std::unique_ptr<RegionPort>> regions;
    regions.push_back(std::make_unique<PaperRegion>(&left_));
    regions.push_back(std::make_unique<PaperRegion>(&right_));
    session_ =
        std::make_unique<MemorySession>(limits_, std::move(regions), *sessions_.Attach(id, "uid:1000", MonoNow()),
                                        &budget_, [this](uint32_t region) { ready_.push_back(region); });
    ASSERT_TRUE(session_->PutAttached().ok());
    v1::MemoryServiceStreamResponse frame;
    ASSERT_TRUE(session_->TakeFrame(&frame));
    next_op_sequence_ = frame.attached().next_op_sequence();
  }

  absl::Status Do(const std::string& text) {
    v1::MemoryServiceStreamRequest frame;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
    return session_->OnFrame(frame, now_);
  }
  // All that the client would get now, a line each.
  std::vector<std::string> Say() {
    std::vector<std::string> lines;
    v1::MemoryServiceStreamResponse frame;
    while (session_->TakeFrame(&frame)) lines.push_back(frame.ShortDebugString());
    return lines;
  }
  // The one line.
  std::string After(const std::string& text) {
    EXPECT_TRUE(Do(text).ok());
    const auto lines = Say();
    EXPECT_EQ(lines.size(), 1u) << text;
    return lines.empty() ? "" : lines[0];
  }

  MemorySessionLimits limits_{.max_frame_bytes = 100, .max_watches = 20'000, .result_bytes = 1000};
  Paper left_{1000}, right_{1000};
  SessionTable sessions_{10};
  Budget budget_{"window_budget_bytes", 1 << 20};
  std::vector<uint32_t> ready_;
  std::unique_ptr<MemorySession> session_;
  uint64_t next_op_sequence_ = 0;
  MonoTime now_ = MonoNow();
};

TEST_F(MemorySessionTest, WritesThenNotifiesThenReadsInOrder) {
  EXPECT_EQ(next_op_sequence_, 1u);
  EXPECT_TRUE(Do("operation{op_sequence:1 write{offset:3 data:'ab' notify{signal:0 value:5}}}").ok());
  EXPECT_TRUE(Do("operation{op_sequence:2 region_index:1 notify{signal:1 op:NOTIFY_OP_ADD value:2}}").ok());
  EXPECT_TRUE(Do("operation{op_sequence:3 read{offset:2 length:4}}").ok());
  EXPECT_THAT(Say(),
              ElementsAre("result { op_sequence: 1 signal_value: 5 }", "result { op_sequence: 2 signal_value: 2 }",
                          "result { op_sequence: 3 data: \".ab.\" }"));
  EXPECT_THAT(left_.done, ElementsAre("write 3+2", "notify 0=5", "read 2+4"));
  EXPECT_THAT(right_.done, ElementsAre("notify 1=2"));
}

TEST_F(MemorySessionTest, RefusalsAreResultsAndEndNothing) {
  const std::pair<const char*, const char*> rows[] = {
      {"operation{write{offset:1000 data:'a'}}", "RANGE_OUT_OF_REGION"},
      {"operation{write{offset:0 data:'a' notify{signal:99}}}", "SIGNAL_NOT_FOUND"},
      {"operation{region_index:2 notify{signal:0}}", "INVALID_ARGUMENT_FIELD"},
      {"operation{read{offset:18446744073709551615 length:2}}", "RANGE_OUT_OF_REGION"},
      {"operation{read{offset:0 length:101}}", "INVALID_ARGUMENT_FIELD"},
      {"operation{}", "MALFORMED_FRAME"},
      {"watch{watch_id:1}", "INVALID_ARGUMENT_FIELD"},
      {"watch{watch_id:1 conditions{signal:99}}", "SIGNAL_NOT_FOUND"},
      {"watch{watch_id:1 conditions{region_index:7}}", "INVALID_ARGUMENT_FIELD"},
      {"watch{watch_id:1 conditions{signal:0 target:1} timeout{seconds:1}}", "INVALID_ARGUMENT_FIELD"},
      {"watch{watch_id:1 once:true conditions{signal:0 target:1} timeout{seconds:-1}}", "INVALID_ARGUMENT_FIELD"},
  };
  for (const auto& [frame, reason] : rows) EXPECT_THAT(After(frame), HasSubstr(reason)) << frame;
  EXPECT_THAT(After("operation{read{offset:1000}}"), Not(HasSubstr("reason"))) << "zero bytes at the very end";
  EXPECT_EQ(left_.data, std::string(1000, '.')) << "a refused write changes nothing";
}

TEST_F(MemorySessionTest, FramesThatBreakTheProtocolEndTheStream) {
  EXPECT_TRUE(IsRefusal(Do("attach{}"), Reason::kATTACH_TWICE));
  EXPECT_TRUE(IsRefusal(Do(""), Reason::kMALFORMED_FRAME));
  EXPECT_TRUE(IsRefusal(Do("operation{op_sequence:3 notify{signal:0 value:1}}"), Reason::kSEQUENCE_GAP));
  EXPECT_EQ(left_.signals[0], 0u);
}

TEST_F(MemorySessionTest, RepeatedOperationIsAnsweredAgainAndNotDoneAgain) {
  const char* add = "operation{op_sequence:1 notify{signal:0 op:NOTIFY_OP_ADD value:2}}";
  EXPECT_EQ(After(add), "result { op_sequence: 1 signal_value: 2 }");
  EXPECT_THAT(After("operation{op_sequence:2 notify{signal:99}}"), HasSubstr("SIGNAL_NOT_FOUND"));
  EXPECT_THAT(After("operation{op_sequence:3 read{length:2}}"), HasSubstr("data: \"..\""));
  Attach("session");
  EXPECT_EQ(next_op_sequence_, 4u) << "a refused operation has used its number too";
  EXPECT_EQ(After(add), "result { op_sequence: 1 signal_value: 2 }");
  EXPECT_EQ(left_.signals[0], 2u);
  EXPECT_THAT(After("operation{op_sequence:2 notify{signal:99}}"), HasSubstr("SIGNAL_NOT_FOUND"));
  EXPECT_THAT(After("operation{op_sequence:3 read{length:2}}"), HasSubstr("data: \"..\"")) << "reads are done again";
}

TEST_F(MemorySessionTest, ResultThatIsNoLongerKeptIsUnknown) {
  for (uint64_t i = 1; i <= OperationLog::kRemembered + 1; ++i) {
    After("operation{op_sequence:" + std::to_string(i) + " notify{signal:0 op:NOTIFY_OP_ADD value:1}}");
  }
  EXPECT_THAT(After("operation{op_sequence:1 notify{signal:0 op:NOTIFY_OP_ADD value:1}}"),
              HasSubstr("OUTCOME_UNKNOWN"));
  EXPECT_EQ(left_.signals[0], OperationLog::kRemembered + 1);
}

TEST_F(MemorySessionTest, OlderStreamOfTheSessionIsSuperseded) {
  ASSERT_TRUE(sessions_.Attach("session", "uid:1000", MonoNow()).ok());
  EXPECT_TRUE(IsRefusal(Do("operation{op_sequence:1 notify{signal:0 value:1}}"), Reason::kSESSION_SUPERSEDED));
  EXPECT_EQ(left_.signals[0], 0u);
}

TEST_F(MemorySessionTest, ParksWhatHasNoRoomAndGoesOnInOrder) {
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Do("operation{read{offset:0 length:100}}").ok());
  EXPECT_LT(left_.done.size(), 10u) << "1000 bytes of results, not 30 x 100";
  ASSERT_TRUE(Do("operation{notify{signal:0 value:9}}").ok());
  ASSERT_TRUE(Do("watch{watch_id:1 once:true conditions{signal:0 comparison:COMPARISON_EQ}}").ok());
  EXPECT_GT(budget_.used(), 0u);
  EXPECT_FALSE(session_->settled());
  size_t said = 0;
  while (session_->has_frames()) {
    said += Say().size();
    ASSERT_TRUE(session_->OnRoom(now_).ok());
  }
  EXPECT_EQ(said, 31u) << "the watch stood behind the notify: it did not see 0";
  EXPECT_EQ(left_.done.back(), "notify 0=9");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(MemorySessionTest, ClientThatNeverReadsIsEndedAtABound) {
  limits_.parked_frames = 50;
  Attach("other");
  absl::Status status;
  int taken = 0;
  while ((status = Do("operation{read{offset:0 length:100}}")).ok()) ++taken;
  EXPECT_TRUE(IsRefusal(status, Reason::kLIMIT_REACHED)) << status;
  EXPECT_LT(taken, 70);
  limits_ = {.max_frame_bytes = 100, .result_bytes = 1000, .parked_bytes = 5000};
  Attach("third");
  const std::string write = "operation{write{data:'" + std::string(100, 'x') + "'}}";
  for (taken = 0; (status = Do(write)).ok();) ++taken;
  EXPECT_TRUE(IsRefusal(status, Reason::kLIMIT_REACHED)) << status;
  EXPECT_LT(taken, 40);
}

TEST_F(MemorySessionTest, TenThousandWaitsAndOperationsGoOn) {
  for (int i = 1; i <= 10000; ++i) {
    ASSERT_TRUE(
        Do("watch{watch_id:" + std::to_string(i) + " once:true conditions{signal:1 target:" + std::to_string(i) + "}}")
            .ok());
    if (i % 100 != 0) continue;
    ASSERT_TRUE(Do("operation{notify{signal:0 value:" + std::to_string(i) + "}}").ok());
    EXPECT_EQ(Say().size(), 1u);
  }
  EXPECT_EQ(left_.waits.size(), 10000u);
  EXPECT_THAT(Say(), IsEmpty());
  left_.ChipSets(1, 1);
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 satisfied: true values: 1 }"));
  left_.ChipSets(1, 10000);
  EXPECT_EQ(Say().size(), 9999u);
  EXPECT_TRUE(session_->settled());
  EXPECT_EQ(left_.waits.size(), 0u);
}

TEST_F(MemorySessionTest, EventTakesTheResultsAlongWhereAskedTo) {
  const std::string watch = "watch{watch_id:1 conditions{signal:1 target:1}}";
  const std::string notify = "operation{notify{signal:0 value:7}}", read = "operation{read{length:2}}";
  ASSERT_TRUE(Do(watch).ok());
  EXPECT_FALSE(session_->expects_events()) << "not asked to";
  ASSERT_TRUE(Do(notify).ok());
  left_.ChipSets(1, 3);
  EXPECT_EQ(Say().size(), 2u);

  limits_.results_with_events = true;
  Attach("other");
  left_.signals[1] = 0;
  ASSERT_TRUE(Do(watch).ok());
  EXPECT_TRUE(session_->expects_events());
  for (const std::string& operation : {notify, notify, read, notify}) ASSERT_TRUE(Do(operation).ok());
  left_.ChipSets(1, 4);
  EXPECT_FALSE(session_->expects_events()) << "it is there";
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 satisfied: true values: 4 } results { signal_value: 7 } "
                                 "results { signal_value: 7 }",
                                 "result { data: \"..\" }", "result { signal_value: 7 }"))
      << "in order, and none that is large";
  ASSERT_TRUE(Do(notify).ok());
  EXPECT_THAT(Say(), ElementsAre("result { signal_value: 7 }")) << "nothing is left of the event's frame";
}

TEST_F(MemorySessionTest, WatchesOverTwoRegionsAreOneWatch) {
  ASSERT_TRUE(Do("watch{watch_id:1 combine:COMBINE_ALL conditions{signal:0 target:1} "
                 "conditions{signal:0 target:1 region_index:1}}")
                  .ok());
  left_.ChipSets(0, 1);
  EXPECT_THAT(Say(), IsEmpty());
  right_.ChipSets(0, 2);
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 satisfied: true values: 1 values: 2 }"));
  EXPECT_EQ(ready_.back(), 1u);
  ASSERT_TRUE(Do("unwatch{watch_id:1}").ok());
  EXPECT_EQ(left_.waits.size() + right_.waits.size(), 0u);
}

TEST_F(MemorySessionTest, OnceOverTwoRegionsLeavesNothingBehind) {
  ASSERT_TRUE(Do("watch{watch_id:1 once:true conditions{signal:0 target:1} conditions{signal:0 region_index:1}}").ok());
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 satisfied: true values: 0 values: 0 }"));
  ASSERT_TRUE(session_->OnRoom(now_).ok());
  EXPECT_EQ(left_.waits.size() + right_.waits.size(), 0u);
}

TEST_F(MemorySessionTest, TimeoutsAnswerNotSatisfiedWithTheValuesNow) {
  ASSERT_TRUE(Do("watch{watch_id:1 once:true conditions{signal:0 target:5} timeout{seconds:1}}").ok());
  ASSERT_TRUE(Do("watch{watch_id:2 once:true conditions{signal:0 target:5} timeout{}}").ok()) << "one probe";
  session_->Expire(now_);
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 2 values: 0 }"));
  left_.ChipSets(0, 3);
  EXPECT_EQ(session_->next_deadline(), now_ + std::chrono::seconds(1));
  session_->Expire(now_ + std::chrono::seconds(1));
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 values: 3 }"));
  EXPECT_EQ(left_.waits.size(), 0u);
}

TEST_F(MemorySessionTest, ClosedRegionEndsItsWatchesAndRefusesOperations) {
  ASSERT_TRUE(Do("watch{watch_id:1 conditions{signal:0 target:5}}").ok());
  ASSERT_TRUE(Do("watch{watch_id:2 conditions{signal:0 target:5 region_index:1}}").ok());
  left_.Close();
  const auto ended = Say();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_THAT(ended[0], HasSubstr("watch_id: 1 values: 0 code: 10 reason: \"REGION_CLOSED\""));
  EXPECT_THAT(After("operation{op_sequence:1 notify{signal:0 value:5}}"), HasSubstr("REGION_CLOSED"));
  EXPECT_EQ(After("operation{op_sequence:2 region_index:1 notify{signal:0 value:4}}"),
            "result { op_sequence: 2 signal_value: 4 }");
}

TEST_F(MemorySessionTest, WatchIdsAreOneAtATime) {
  ASSERT_TRUE(Do("watch{watch_id:1 conditions{signal:0 target:5}}").ok());
  EXPECT_THAT(After("watch{watch_id:1 conditions{signal:0 target:6}}"), HasSubstr("still there"));
  left_.ChipSets(0, 5);
  EXPECT_THAT(Say(), ElementsAre("event { watch_id: 1 satisfied: true values: 5 }")) << "the first is as it was";
}

TEST_F(MemorySessionTest, RenewIsAnsweredWhateverIsParked) {
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(Do("operation{read{offset:0 length:100}}").ok());
  ASSERT_TRUE(Do("renew{token:7}").ok());
  EXPECT_EQ(Say()[0], "renewed { token: 7 }");
}

}  // namespace
}  // namespace l3link
