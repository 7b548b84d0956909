#include "server/memory/journal/memory_journal.h"

#include <gtest/gtest.h>

#include "backends/host/mono_time.h"
#include "backends/host/refusal.h"
#include "server/memory/session_table.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

class MemoryJournalTest : public ::testing::Test {
 protected:
  MemoryJournalTest() { Reopen(); }

  // As the next daemon does.
  void Reopen() {
    table_.reset();
    journal_.reset();
    absl::StatusOr<std::unique_ptr<MemoryJournal>> journal = MemoryJournal::Open(dir_ / "private", false);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    table_ = std::make_unique<SessionTable>(10, journal_.get());
    table_->Restore(journal_->Sessions(), [this](const SessionHot& open) {
      stored_again_ = open.value;
      return true;
    });
  }

  SessionTable::Attached Attach() { return *table_->Attach("me", "uid:1000", MonoNow()); }

  void Append(const OperationLog::Result& result) {
    const SessionTable::Attached session = Attach();
    absl::MutexLock lock(&session.record->mu);
    ASSERT_TRUE(table_->KeepLog(*session.record).ok());
    session.record->log.Append(result);
  }
  absl::optional<OperationLog::Result> Find(uint64_t op_sequence) {
    const SessionTable::Attached session = Attach();
    absl::MutexLock lock(&session.record->mu);
    return session.record->log.Find(op_sequence);
  }
  // The journal of a session whose operation 1 is at its notify.
  SessionJournal* Aim() {
    const SessionTable::Attached session = Attach();
    absl::MutexLock lock(&session.record->mu);
    EXPECT_TRUE(table_->KeepLog(*session.record).ok());
    return session.record->log.journal();
  }

  TempDir dir_;
  std::unique_ptr<MemoryJournal> journal_;
  std::unique_ptr<SessionTable> table_;
  uint64_t stored_again_ = 0;
};

TEST_F(MemoryJournalTest, AnswersAreRememberedOverARestart) {
  Append({absl::OkStatus(), 7, false});
  Append({Refuse(Reason::kSIGNAL_NOT_FOUND, "signal 9"), absl::nullopt, false});
  Append({absl::OkStatus(), absl::nullopt, true});
  Reopen();
  EXPECT_EQ(Attach().next_sequence, 4u);
  EXPECT_EQ(Find(1)->signal_value, 7u);
  EXPECT_TRUE(IsRefusal(Find(2)->status, Reason::kSIGNAL_NOT_FOUND)) << Find(2)->status;
  EXPECT_TRUE(Find(3)->was_read);
}

TEST_F(MemoryJournalTest, ARestartKeepsWhoseASessionIs) {
  Append({absl::OkStatus(), 7, false});
  Reopen();
  EXPECT_TRUE(IsRefusal(table_->Attach("me", "uid:2000", MonoNow()).status(), Reason::kSESSION_OF_ANOTHER));
  EXPECT_EQ(Attach().next_sequence, 2u);
}

TEST_F(MemoryJournalTest, TheLast1024AnswersAreKept) {
  for (uint64_t i = 1; i <= 3000; ++i) Append({absl::OkStatus(), i, false});
  Reopen();
  EXPECT_EQ(Attach().next_sequence, 3001u);
  EXPECT_FALSE(Find(3000 - 1024).has_value());
  for (uint64_t i = 3000 - 1023; i <= 3000; ++i) {
    ASSERT_TRUE(Find(i).has_value()) << i;
    ASSERT_EQ(Find(i)->signal_value, i);
  }
}

TEST_F(MemoryJournalTest, AnAnnouncedNotifyIsDoneAgainWhereOnlyTheHostWrites) {
  Aim()->BeforeStore({3, 0, 41, true});
  Reopen();
  EXPECT_EQ(stored_again_, 41u);
  EXPECT_EQ(Attach().next_sequence, 2u);
  EXPECT_EQ(Find(1)->signal_value, 41u);
}

TEST_F(MemoryJournalTest, AnAnnouncedNotifyOfASharedSignalHasAnUnknownOutcome) {
  Aim()->BeforeStore({3, 0, 41, false});
  Reopen();
  EXPECT_EQ(stored_again_, 0u);
  EXPECT_TRUE(IsRefusal(Find(1)->status, Reason::kOUTCOME_UNKNOWN)) << Find(1)->status;
}

TEST_F(MemoryJournalTest, ADoneNotifyIsAnsweredAndNotDoneAgain) {
  SessionJournal* const journal = Aim();
  journal->BeforeStore({3, 0, 41, false});
  journal->AfterStore(42);
  Reopen();
  EXPECT_EQ(stored_again_, 0u);
  EXPECT_EQ(Find(1)->signal_value, 42u);
}

TEST_F(MemoryJournalTest, AForgottenSessionsPlaceIsEmptyForTheNext) {
  Append({absl::OkStatus(), 7, false});
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(table_->Attach("other" + std::to_string(i), "uid:1000", MonoNow()).ok());  // the table holds ten
  EXPECT_EQ(Attach().next_sequence, 1u);
  Append({absl::OkStatus(), 8, false});
  Reopen();
  EXPECT_EQ(Attach().next_sequence, 2u);
  EXPECT_EQ(Find(1)->signal_value, 8u);
}

TEST_F(MemoryJournalTest, NotifiesByRequestIdAreRememberedInOrder) {
  auto notifies = journal_->Notifies(3);
  ASSERT_TRUE(notifies.ok()) << notifies.status();
  for (uint64_t i = 0; i < MemoryJournal::kNotifies + 10; ++i) {
    const std::string id = "id" + std::to_string(i);
    NotifyJournal::Witness witness(notifies->get(), id, {1, NotifyOp::kAdd, i});
    witness.BeforeStore({5, 1, i, true});
    if (i + 1 < MemoryJournal::kNotifies + 10) witness.AfterStore(i);
  }
  Reopen();
  ASSERT_TRUE(journal_->HasNotifies(3));
  EXPECT_FALSE(journal_->HasNotifies(2));
  uint64_t next = 10;
  (*journal_->Notifies(3))->Load([&](NotifyEntry& entry) {
    EXPECT_EQ(entry.value, next);
    EXPECT_EQ(std::string(entry.request_id), "id" + std::to_string(next));
    const bool newest = next + 1 == MemoryJournal::kNotifies + 10;
    EXPECT_EQ(entry.stage, static_cast<uint64_t>(newest ? NotifyStage::kAnnounced : NotifyStage::kStored));
    ++next;
  });
  EXPECT_EQ(next, MemoryJournal::kNotifies + 10);
}

}  // namespace
}  // namespace l3link
