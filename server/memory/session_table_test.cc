#include "server/memory/session_table.h"

#include <gtest/gtest.h>

#include "backends/host/mono_time.h"
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
  auto first = table.Attach("s", "uid:1000", MonoNow());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->next_sequence, 1u);
  {
    absl::MutexLock lock(&first->record->mu);
    first->record->log.Append({});
  }
  auto second = table.Attach("s", "uid:1000", MonoNow());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->next_sequence, 2u);
  EXPECT_EQ(second->record, first->record);
  absl::MutexLock lock(&first->record->mu);
  EXPECT_EQ(first->record->newest_stream, second->stream) << "the first is superseded";
  EXPECT_NE(first->stream, second->stream);
}

TEST(SessionTableTest, MakesUpIdsThatDiffer) {
  SessionTable table(10);
  auto one = table.Attach("", "uid:1000", MonoNow());
  auto two = table.Attach("", "uid:1000", MonoNow());
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->record->session_id, two->record->session_id);
}

TEST(SessionTableTest, KeepsASessionForItsPrincipalAlone) {
  SessionTable table(1);
  auto owned = table.Attach("s", "uid:1", MonoNow());
  ASSERT_TRUE(owned.ok());
  EXPECT_TRUE(IsRefusal(table.Attach("s", "uid:2", MonoNow()).status(), Reason::kSESSION_OF_ANOTHER));
  EXPECT_EQ(table.Attach("s", "uid:1", MonoNow())->record, owned->record);
  owned = table.Attach("t", "uid:1", MonoNow());
  owned = absl::CancelledError();
  ASSERT_TRUE(table.Attach("t", "uid:2", MonoNow()).ok()) << "s is forgotten";
}

TEST(SessionTableTest, RefusesIdsThatNobodyCanPrint) {
  SessionTable table(10);
  EXPECT_TRUE(IsRefusal(table.Attach("a\nb", "uid:1000", MonoNow()).status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(
      IsRefusal(table.Attach(std::string(65, 'x'), "uid:1000", MonoNow()).status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(table.Attach(std::string(64, 'x'), "uid:1000", MonoNow()).ok());
}

TEST(SessionTableTest, ForgetsTheLongestUnusedThatHasNoStream) {
  SessionTable table(2);
  auto kept = table.Attach("kept", "uid:1000", MonoNow());
  ASSERT_TRUE(table.Attach("old", "uid:1000", MonoNow()).ok());
  ASSERT_TRUE(table.Attach("new", "uid:1000", MonoNow()).ok()) << "old is forgotten";
  EXPECT_EQ(table.size(), 2u);
  auto also = table.Attach("also", "uid:1000", MonoNow());  // new is forgotten
  ASSERT_TRUE(also.ok());
  EXPECT_TRUE(IsRefusal(table.Attach("one more", "uid:1000", MonoNow()).status(), Reason::kLIMIT_REACHED));
  EXPECT_EQ(table.Attach("kept", "uid:1000", MonoNow())->record, kept->record);
}

TEST(SessionTableTest, ForgetsMadeUpOnesThatNobodyComesBackTo) {
  SessionTable table(100);
  const MonoTime begin = MonoNow();
  const auto later = [begin](int minutes) { return After(begin, absl::Minutes(minutes)); };
  ASSERT_TRUE(table.Attach("mine", "uid:1000", begin).ok());
  auto in_use = table.Attach("", "uid:1000", begin);
  ASSERT_TRUE(in_use.ok());
  auto left = table.Attach("", "uid:1000", begin);
  const std::string gone = left->record->session_id;
  left = absl::CancelledError();
  std::string came_back = table.Attach("", "uid:1000", begin)->record->session_id;
  ASSERT_TRUE(table.Attach("look 1", "uid:1000", later(1)).ok());
  ASSERT_TRUE(table.Attach(came_back, "uid:1000", later(9)).ok());
  ASSERT_TRUE(table.Attach("look 2", "uid:1000", later(9)).ok());
  EXPECT_EQ(table.size(), 6u) << "not yet";
  ASSERT_TRUE(table.Attach("look 3", "uid:1000", later(12)).ok());
  EXPECT_EQ(table.size(), 6u) << "one has gone, one has come";
  in_use = table.Attach(in_use->record->session_id, "uid:1000", later(12));
  EXPECT_EQ(in_use->stream, 2u);
  EXPECT_EQ(table.Attach(came_back, "uid:1000", later(12))->stream, 3u);
  EXPECT_EQ(table.Attach("mine", "uid:1000", later(12))->stream, 2u);
  EXPECT_EQ(table.Attach(gone, "uid:1000", later(12))->stream, 1u) << "anew";
}

}  // namespace
}  // namespace l3link
