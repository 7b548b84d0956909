#include "server/memory/session_table.h"

#include <gtest/gtest.h>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

TEST(OperationLogTest, SequencesStartAtOneAndTheNewestResultsAreKept) {
  OperationLog log;
  EXPECT_EQ(log.next_sequence(), 1u);
  for (uint64_t i = 1; i <= OperationLog::kRemembered + 5; ++i) log.Append({absl::OkStatus(), i, false});
  EXPECT_EQ(log.next_sequence(), OperationLog::kRemembered + 6);
  EXPECT_FALSE(log.Find(5).has_value());
  EXPECT_EQ(log.Find(6)->signal_value, 6u);
  EXPECT_EQ(log.Find(OperationLog::kRemembered + 5)->signal_value, OperationLog::kRemembered + 5);
  EXPECT_FALSE(log.Find(OperationLog::kRemembered + 6).has_value());
}

TEST(SessionTableTest, SecondStreamGoesOnWhereTheFirstStopped) {
  SessionTable table(10);
  auto first = table.Attach("s");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->next_sequence, 1u);
  {
    absl::MutexLock lock(&first->record->mu);
    first->record->log.Append({});
  }
  auto second = table.Attach("s");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->next_sequence, 2u);
  EXPECT_EQ(second->record, first->record);
  absl::MutexLock lock(&first->record->mu);
  EXPECT_EQ(first->record->newest_stream, second->stream) << "the first is superseded";
  EXPECT_NE(first->stream, second->stream);
}

TEST(SessionTableTest, MakesUpIdsThatDiffer) {
  SessionTable table(10);
  auto one = table.Attach("");
  auto two = table.Attach("");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->record->session_id, two->record->session_id);
}

TEST(SessionTableTest, RefusesIdsThatNobodyCanPrint) {
  SessionTable table(10);
  EXPECT_TRUE(IsRefusal(table.Attach("a\nb").status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(IsRefusal(table.Attach(std::string(65, 'x')).status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(table.Attach(std::string(64, 'x')).ok());
}

TEST(SessionTableTest, ForgetsTheLongestUnusedThatHasNoStream) {
  SessionTable table(2);
  auto kept = table.Attach("kept");
  ASSERT_TRUE(table.Attach("old").ok());
  ASSERT_TRUE(table.Attach("new").ok()) << "old is forgotten";
  EXPECT_EQ(table.size(), 2u);
  auto also = table.Attach("also");  // new is forgotten
  ASSERT_TRUE(also.ok());
  EXPECT_TRUE(IsRefusal(table.Attach("one more").status(), Reason::kLIMIT_REACHED));
  EXPECT_EQ(table.Attach("kept")->record, kept->record);
}

}  // namespace
}  // namespace l3link
