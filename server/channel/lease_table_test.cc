#include "server/channel/lease_table_bench.h"

namespace l3link {
namespace {

TEST_F(LeaseTableTest, RaisesTheEpochAtEveryGrantEvenToTheSameSession) {
  Lease* first = *Attach("a", {ToChip(0), ToHost(0)});
  EXPECT_EQ(first->epoch(0), 1u);
  EXPECT_EQ(first->epoch(1), 1u);
  EXPECT_FALSE(first->resumed());
  table_.Detach(first, now_);
  Lease* second = *Attach("a", {ToChip(0), ToHost(0)});
  EXPECT_EQ(second->epoch(0), 2u);
  EXPECT_TRUE(second->resumed());
}

TEST_F(LeaseTableTest, RefusesALaneThatAnotherSessionHoldsAndTakesNoneOfTheTwo) {
  ASSERT_TRUE(Attach("a", {ToChip(0)}).ok());
  const absl::Status refused = Attach("b", {ToHost(1), ToChip(0)}).status();
  EXPECT_TRUE(IsRefusal(refused, Reason::kLANE_HELD));
  EXPECT_EQ(Value(refused, "holder"), "a");
  EXPECT_EQ(Value(refused, "expires_in_ms"), "30000");
  EXPECT_TRUE(table_.IsFree(ToHost(1), "c"));
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(LeaseTableTest, TellsTheOldStreamWhenItsSessionAttachesAgain) {
  Lease* old = *Attach("a", {ToChip(0), ToHost(0)});
  const uint64_t old_epoch = old->epoch(0);
  Lease* fresh = *table_.Attach({"a", true, kTtl, {ToChip(0)}}, &other_, now_);
  ASSERT_EQ(stream_.lost.size(), 1u);
  EXPECT_TRUE(IsRefusal(stream_.lost[0], Reason::kSESSION_SUPERSEDED));
  EXPECT_EQ(fresh->epoch(0), old_epoch + 1);
  EXPECT_TRUE(fresh->resumed());
  EXPECT_TRUE(table_.IsFree(ToHost(0), "b"));  // which the newer stream did not ask for
  EXPECT_EQ(budget_.used(), 1u);
}

TEST_F(LeaseTableTest, ExpiresWhatNobodyRenewsOneTickAfterItIsDue) {
  Lease* lease = *Attach("a", {ToChip(0)});
  Pass(kTtl);
  EXPECT_TRUE(stream_.lost.empty());  // due, and input that was ready may still come
  table_.Renew(lease, now_);
  Pass(kTtl);
  EXPECT_TRUE(stream_.lost.empty());
  Pass(absl::Milliseconds(500));
  ASSERT_EQ(stream_.lost.size(), 1u);
  EXPECT_TRUE(IsRefusal(stream_.lost[0], Reason::kLEASE_EXPIRED));
  EXPECT_EQ(budget_.used(), 0u);
  EXPECT_TRUE((*Attach("a", {ToChip(0)}, /*resume=*/true))->resumed());
}

TEST_F(LeaseTableTest, ShiftsEveryDeadlineByATickThatCameLate) {
  ASSERT_TRUE(Attach("a", {ToChip(0)}).ok());
  Pass(absl::Seconds(20));
  now_ = After(now_, absl::Minutes(10));  // the machine stood still
  table_.Tick(now_);
  Pass(absl::Seconds(10));
  EXPECT_TRUE(stream_.lost.empty());
  Pass(absl::Seconds(1));
  EXPECT_EQ(stream_.lost.size(), 1u);
}

TEST_F(LeaseTableTest, KeepsALostStreamsLeaseForItsTtl) {
  Lease* lease = *Attach("a", {ToChip(0)});
  table_.DropHolder(lease);
  EXPECT_TRUE(IsRefusal(Attach("b", {ToChip(0)}).status(), Reason::kLANE_HELD));
  Pass(kTtl + absl::Seconds(1));
  EXPECT_TRUE(Attach("b", {ToChip(0)}).ok());
}

TEST_F(LeaseTableTest, TellsALateSessionExactlyHowFarItGot) {
  Lease* lease = *Attach("a", {ToChip(0, 5), ToHost(0, 3)});
  lease->record(0).Published(9);
  lease->record(1).Acked(4);
  table_.Detach(lease, now_);
  Lease* next = *Attach("b", {ToChip(0, 9), ToHost(0, 4)});
  next->record(0).Published(20);
  table_.Detach(next, now_);
  const absl::Status late = Attach("a", {ToChip(0, 20), ToHost(0, 4)}, /*resume=*/true).status();
  EXPECT_TRUE(IsRefusal(late, Reason::kSESSION_LOST));
  EXPECT_EQ(Value(late, "published"), "9");
  EXPECT_EQ(Value(late, "acked"), "4");
  EXPECT_TRUE(IsRefusal(Attach("never", {ToChip(0, 20)}, true).status(), Reason::kSESSION_UNKNOWN));
  EXPECT_FALSE((*Attach("a", {ToChip(0, 20)}))->resumed());  // anew
}

TEST_F(LeaseTableTest, TellsALateSessionHowFarItGotAlsoWhileAnotherHoldsItsLane) {
  Lease* lease = *Attach("a", {ToChip(0, 5)});
  lease->record(0).Published(9);
  table_.Detach(lease, now_);
  (*Attach("b", {ToChip(0, 9)}))->record(0).Published(20);
  const absl::Status late = Attach("a", {ToChip(0, 20)}, /*resume=*/true).status();
  EXPECT_TRUE(IsRefusal(late, Reason::kSESSION_LOST)) << late;
  EXPECT_EQ(Value(late, "published"), "9");
  EXPECT_TRUE(IsRefusal(Attach("never", {ToChip(0, 20)}, true).status(), Reason::kSESSION_UNKNOWN));
  EXPECT_TRUE(IsRefusal(Attach("a", {ToChip(0, 20)}).status(), Reason::kLANE_HELD)) << "anew, it waits like others";
}

TEST_F(LeaseTableTest, RemembersOnlySoManyRetiredSessions) {
  for (size_t i = 0; i <= kRetiredSessions + 1; ++i) {
    table_.Detach(*Attach(std::to_string(i), {ToChip(0)}), now_);
  }
  EXPECT_TRUE(IsRefusal(Attach("0", {ToChip(0)}, true).status(), Reason::kSESSION_UNKNOWN));
  EXPECT_TRUE(IsRefusal(Attach("1", {ToChip(0)}, true).status(), Reason::kSESSION_LOST));
}

TEST_F(LeaseTableTest, SaysThatALaneWasReset) {
  Lease* lease = *Attach("a", {ToChip(0)});
  lease->record(0).Published(6);
  table_.DropHolder(lease);
  const absl::Status reset = Attach("a", {ToChip(0, 0, /*generation=*/12)}, true).status();
  EXPECT_TRUE(IsRefusal(reset, Reason::kLANE_RESET));
  EXPECT_EQ(Value(reset, "generation"), "12");
  EXPECT_EQ(Value(reset, "published"), "6");
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(LeaseTableTest, AnswersALeaseThatTheSameSessionsWaitingStreamTakesOnlyLater) {
  table_.DropHolder(*Attach("b", {ToChip(1), ToHost(1)}));
  table_.DropHolder(*Attach("a", {ToChip(0)}));
  Stream waiting;
  table_.Await(&waiting, kChannel);
  waiting.on_turn = [&] {
    ASSERT_TRUE(table_.Attach({"a", false, kTtl, {ToChip(0), ToHost(1, 0, /*generation=*/12)}}, &waiting, now_).ok());
  };
  EXPECT_TRUE(table_.IsFree(ToHost(1, 0, 12), "c"));  // and with its lane that was reset, b's lease is over
  Lease* lease = *Attach("a", {ToChip(0)});
  EXPECT_EQ(lease->epoch(0), 2u);
  EXPECT_TRUE(stream_.lost.empty());
  Pass(absl::Milliseconds(500));
  EXPECT_EQ(waiting.turns, 1);
  ASSERT_EQ(stream_.lost.size(), 1u);
  EXPECT_TRUE(IsRefusal(stream_.lost[0], Reason::kSESSION_SUPERSEDED));
}

TEST_F(LeaseTableTest, AttachesAgainOverALeaseOfWhichTheSecondLaneWasReset) {
  table_.DropHolder(*Attach("a", {ToChip(0), ToHost(0)}));
  Lease* lease = *Attach("a", {ToChip(0), ToHost(0, 0, /*generation=*/12)});
  EXPECT_EQ(lease->lane_count(), 2u);
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(budget_.used(), 1u);
}

TEST_F(LeaseTableTest, KeepsTheLeaseInTheJournalUntilTheSameSessionsNextGrantCounts) {
  std::vector<uint64_t> words(LaneBlockBytes(0) / sizeof(uint64_t));
  auto* block = reinterpret_cast<LaneBlock*>(words.data());
  LaneJournal journal(reinterpret_cast<std::byte*>(block), 0);
  journal.Begin(10, 0);
  LaneNow lane = ToChip(0);
  lane.journal = &journal;
  table_.DropHolder(*Attach("a", {lane}));
  ASSERT_TRUE(Attach("a", {lane}).ok());
  auto& copies = block->hot.copies;
  (copies[0].counter > copies[1].counter ? copies[0] : copies[1]).crc ^= 1;  // the node dies before it counts

  LaneJournal found(reinterpret_cast<std::byte*>(block), 0);
  ASSERT_TRUE(found.Load());
  EXPECT_EQ(found.holder().session_id, "a");
  EXPECT_NE(found.holder().lease_id, 0u);
}

TEST_F(LeaseTableTest, DropsWhatTheNewerStreamOfASessionDidNotAskFor) {
  std::vector<uint64_t> words(LaneBlockBytes(0) / sizeof(uint64_t));
  LaneJournal journal(reinterpret_cast<std::byte*>(words.data()), 0);
  journal.Begin(11, 0);
  LaneNow lane = ToHost(0);
  lane.journal = &journal;
  table_.DropHolder(*Attach("a", {ToChip(0), lane}));
  EXPECT_NE(journal.holder().lease_id, 0u);
  ASSERT_TRUE(Attach("a", {ToChip(0)}).ok());
  EXPECT_EQ(journal.holder().lease_id, 0u);
}

TEST_F(LeaseTableTest, ReleasesByOperatorWithFinalPositions) {
  Lease* lease = *Attach("a", {ToChip(0)});
  lease->record(0).Published(8);
  absl::StatusOr<RetiredSession> released = table_.ReleaseByOperator(ToChip(0, 8), now_);
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(released->session_id, "a");
  EXPECT_EQ(released->position, 8u);
  ASSERT_EQ(stream_.lost.size(), 1u);
  EXPECT_TRUE(IsRefusal(stream_.lost[0], Reason::kLEASE_RELEASED));
  EXPECT_EQ(Value(stream_.lost[0], "published"), "8");
  EXPECT_EQ(Value(stream_.lost[0], "consumed"), "4");
  EXPECT_TRUE(IsRefusal(Attach("a", {ToChip(0, 8)}, true).status(), Reason::kSESSION_LOST));
  EXPECT_TRUE(IsRefusal(table_.ReleaseByOperator(ToChip(0), now_).status(), Reason::kLEASE_NOT_FOUND));
}

// Held, ended and followed by another one: as long as it is remembered.
TEST_F(LeaseTableTest, KeepsASessionForItsPrincipalAlone) {
  const auto attach = [this](const std::string& session, bool resume, const std::string& principal) {
    return table_.Attach({session, resume, kTtl, {ToChip(0)}, principal}, &stream_, now_);
  };
  const auto expect_refused = [&] {
    for (const bool resume : {false, true}) {
      const absl::Status refused = attach("a", resume, "uid:2").status();
      EXPECT_TRUE(IsRefusal(refused, Reason::kSESSION_OF_ANOTHER)) << refused;
      EXPECT_EQ(Value(refused, "owner"), "uid:1");
      EXPECT_EQ(Value(refused, "principal"), "uid:2");
    }
  };
  Lease* lease = *attach("a", false, "uid:1");
  expect_refused();
  EXPECT_EQ(table_.View(ToChip(0).key, now_).principal, "uid:1");
  EXPECT_EQ(Value(attach("b", false, "uid:2").status(), "principal"), "uid:1");
  EXPECT_TRUE(stream_.lost.empty());
  table_.Detach(lease, now_);
  expect_refused();
  EXPECT_TRUE((*attach("a", true, "uid:1"))->resumed());
  EXPECT_EQ(table_.ReleaseByOperator(ToChip(0), now_)->principal, "uid:1");
  expect_refused();
  ASSERT_TRUE(attach("b", false, "uid:2").ok());
  expect_refused();
  EXPECT_EQ(table_.View(ToChip(0).key, now_).principal, "uid:2");
}

TEST_F(LeaseTableTest, RestoresALeaseWithItsPrincipal) {
  std::vector<uint64_t> words(LaneBlockBytes(0) / sizeof(uint64_t));
  LaneJournal journal(reinterpret_cast<std::byte*>(words.data()), 0);
  journal.Begin(10, 0);
  LaneNow lane = ToChip(0);
  lane.journal = &journal;
  ASSERT_TRUE(table_.Attach({"a", false, kTtl, {lane}, "uid:1"}, &stream_, now_).ok());
  LaneJournal loaded(reinterpret_cast<std::byte*>(words.data()), 0);
  ASSERT_TRUE(loaded.Load());
  lane.journal = &loaded;
  LeaseTable restarted(&budget_);
  restarted.Restore({lane}, now_);
  EXPECT_EQ(restarted.View(lane.key, now_).principal, "uid:1");
  EXPECT_TRUE(IsRefusal(restarted.Attach({"a", true, kTtl, {lane}, "uid:2"}, &other_, now_).status(),
                        Reason::kSESSION_OF_ANOTHER));
  EXPECT_TRUE(restarted.Attach({"a", true, kTtl, {lane}, "uid:1"}, &other_, now_).ok());
}

TEST_F(LeaseTableTest, LendsAFreeLaneForAMomentAndForgetsWhoHadNoName) {
  Lease* lease = *Attach("a", {ToChip(0)});
  EXPECT_TRUE(IsRefusal(table_.Momentary(ToChip(0), now_).status(), Reason::kLANE_HELD));
  table_.Detach(lease, now_);
  LaneRecord* record = *table_.Momentary(ToChip(0), now_);
  EXPECT_TRUE(record->IsLast("a"));
  EXPECT_EQ(record->Grant(""), 2u);
  record->Published(1);
  EXPECT_EQ(record->last_session(), "");
  EXPECT_TRUE(IsRefusal(Attach("a", {ToChip(0, 1)}, true).status(), Reason::kSESSION_LOST));
}

TEST_F(LeaseTableTest, StopsAtTheNodesLimitButNotForAResumingSession) {
  ASSERT_TRUE(Attach("a", {ToChip(0)}).ok());
  ASSERT_TRUE(Attach("b", {ToChip(1)}).ok());
  ASSERT_TRUE(Attach("c", {ToChip(2)}).ok());
  EXPECT_TRUE(IsRefusal(Attach("d", {ToChip(3)}).status(), Reason::kLIMIT_REACHED));
  EXPECT_TRUE(Attach("c", {ToChip(2)}, true).ok());
  EXPECT_EQ(budget_.used(), 3u);
}

TEST_F(LeaseTableTest, ForgetsAClosedChannel) {
  table_.DropHolder(*Attach("a", {ToChip(0)}));
  table_.ForgetChannel(kChannel);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(budget_.used(), 0u);
  EXPECT_EQ(table_.View(ToChip(0).key, now_).epoch, 0u);
}

}  // namespace
}  // namespace l3link
