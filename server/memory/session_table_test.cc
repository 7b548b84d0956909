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
  auto first = table.Attach("s", "uid:1000");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->next_sequence, 1u);
  {
    absl::MutexLock lock(&first->record->mu);
    first->record->log.Append({});
  }
  auto second = table.Attach("s", "uid:1000");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->next_sequence, 2u);
  EXPECT_EQ(second->record, first->record);
  absl::MutexLock lock(&first->record->mu);
  EXPECT_EQ(first->record->newest_stream, second->stream) << "the first is superseded";
  EXPECT_NE(first->stream, second->stream);
}

TEST(SessionTableTest, MakesUpIdsThatDiffer) {
  SessionTable table(10);
  auto one = table.Attach("", "uid:1000");
  auto two = table.Attach("", "uid:1000");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->record->session_id, two->record->session_id);
}

TEST(SessionTableTest, KeepsASessionForItsPrincipalAlone) {
  SessionTable table(1);
  auto owned = table.Attach("s", "uid:1");
  ASSERT_TRUE(owned.ok());
  EXPECT_TRUE(IsRefusal(table.Attach("s", "uid:2").status(), Reason::kSESSION_OF_ANOTHER));
  EXPECT_EQ(table.Attach("s", "uid:1")->record, owned->record);
  owned = table.Attach("t", "uid:1");
  owned = absl::CancelledError();
  ASSERT_TRUE(table.Attach("t", "uid:2").ok()) << "s is forgotten";
}

TEST(SessionTableTest, RefusesIdsThatNobodyCanPrint) {
  SessionTable table(10);
  EXPECT_TRUE(IsRefusal(table.Attach("a\nb", "uid:1000").status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(IsRefusal(table.Attach(std::string(65, 'x'), "uid:1000").status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(table.Attach(std::string(64, 'x'), "uid:1000").ok());
}

TEST(SessionTableTest, ForgetsTheLongestUnusedThatHasNoStream) {
  SessionTable table(2);
  auto kept = table.Attach("kept", "uid:1000");
  ASSERT_TRUE(table.Attach("old", "uid:1000").ok());
  ASSERT_TRUE(table.Attach("new", "uid:1000").ok()) << "old is forgotten";
  EXPECT_EQ(table.size(), 2u);
  auto also = table.Attach("also", "uid:1000");  // new is forgotten
  ASSERT_TRUE(also.ok());
  EXPECT_TRUE(IsRefusal(table.Attach("one more", "uid:1000").status(), Reason::kLIMIT_REACHED));
  EXPECT_EQ(table.Attach("kept", "uid:1000")->record, kept->record);
}

}  // namespace
}  // namespace l3link
