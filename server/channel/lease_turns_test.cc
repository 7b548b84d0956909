// Who waits for a lane, and when it is whose turn.
#include "server/channel/lease_table_bench.h"

namespace l3link {
namespace {

TEST_F(LeaseTableTest, GivesWaitersTheirTurnInOrder) {
  Lease* lease = *Attach("a", {ToChip(0)});
  Stream second, third;
  table_.Await(&second, kChannel);
  table_.Await(&third, kChannel);
  second.on_turn = [&] {
    ASSERT_TRUE(table_.Attach({"b", false, kTtl, {ToChip(0)}}, &second, now_).ok());
    table_.LeaveQueue(&second);
  };
  third.on_turn = [&] { EXPECT_FALSE(table_.Attach({"c", false, kTtl, {ToChip(0)}}, &third, now_).ok()); };
  table_.Detach(lease, now_);
  EXPECT_EQ(second.turns, 1);
  EXPECT_EQ(third.turns, 1);
  EXPECT_EQ(table_.View(ToChip(0).key, now_).session_id, "b");
}

TEST_F(LeaseTableTest, GivesAWaiterThatSupersedesItselfOneTurn) {
  Lease* other = *Attach("b", {ToHost(0)});
  table_.DropHolder(*Attach("a", {ToChip(0)}));
  Stream waiting;
  table_.Await(&waiting, kChannel);
  waiting.on_turn = [&] {
    ASSERT_TRUE(table_.Attach({"a", false, kTtl, {ToChip(0), ToHost(0)}}, &waiting, now_).ok());
  };
  table_.Detach(other, now_);
  EXPECT_EQ(waiting.turns, 1);
  EXPECT_TRUE(waiting.lost.empty());
}

TEST_F(LeaseTableTest, GivesALeaseBackThatItsWaiterCannotUseWithoutAnotherTurn) {
  Lease* other = *Attach("b", {ToChip(0)});
  Stream waiting;
  table_.Await(&waiting, kChannel);
  waiting.on_turn = [&] {
    Lease* lease = *table_.Attach({"a", false, kTtl, {ToChip(0)}}, &waiting, now_);
    if (waiting.turns < 5) table_.Detach(lease, now_);
  };
  table_.Detach(other, now_);
  EXPECT_EQ(waiting.turns, 1);
}

TEST_F(LeaseTableTest, GivesTurnsToWhoWaitsForTheOtherLaneOfALeaseThatWentWithAReset) {
  table_.DropHolder(*Attach("a", {ToChip(0), ToHost(0)}));
  Stream waiting;
  table_.Await(&waiting, kChannel);
  ASSERT_TRUE(Attach("b", {ToHost(0, 0, /*generation=*/12)}).ok());
  Pass(absl::Milliseconds(500));
  EXPECT_EQ(waiting.turns, 1);
}

}  // namespace
}  // namespace l3link
