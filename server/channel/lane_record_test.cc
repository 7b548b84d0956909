#include "server/channel/lane_record.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace l3link {
namespace {

constexpr LaneKey kKey{1, Direction::kHostToChip, 0};

// A lane's journal in plain memory, and one daemon after another over it.
class LaneRecordTest : public ::testing::Test {
 protected:
  LaneRecordTest() : words_(LaneBlockBytes(0) / sizeof(uint64_t)), journal_(Block(), 0) { journal_.Begin(7, 0); }

  std::byte* Block() { return reinterpret_cast<std::byte*>(words_.data()); }
  void Publish(LaneRecord& record, uint64_t count) {
    journal_.Commit({count, count * 8}, count);
    record.Published(count);
  }

  std::vector<uint64_t> words_;
  LaneJournal journal_;
};

TEST_F(LaneRecordTest, RemembersTheNewerEndOfASessionThatCameBackOverARestart) {
  LaneRecord record(kKey, &journal_);
  record.Grant("a");
  Publish(record, 3);
  record.Grant("b");
  record.Grant("a");  // anew
  Publish(record, 8);
  record.Grant("c");

  LaneJournal found(Block(), 0);
  ASSERT_TRUE(found.Load());
  const LaneRecord restarted(kKey, &found);
  ASSERT_NE(restarted.FindRetired("a"), nullptr);
  EXPECT_EQ(restarted.FindRetired("a")->start, 3u);
  EXPECT_EQ(restarted.FindRetired("a")->position, 8u);
}

TEST_F(LaneRecordTest, RemembersTheNewerEndOfASessionThatBeganTwiceAtOnePlaceOverARestart) {
  LaneRecord record(kKey, &journal_);
  record.Grant("a");
  record.Retire();  // by an operator
  record.Grant("a");
  Publish(record, 4);
  record.Retire();

  LaneJournal found(Block(), 0);
  ASSERT_TRUE(found.Load());
  const LaneRecord restarted(kKey, &found);
  ASSERT_NE(restarted.FindRetired("a"), nullptr);
  EXPECT_EQ(restarted.FindRetired("a")->position, 4u);
}

TEST_F(LaneRecordTest, RetiresASessionOnceWhenItsLaneIsReset) {
  LaneRecord record(kKey, &journal_);
  record.Grant("a");
  Publish(record, 2);
  journal_.Begin(9, 0);
  record.Enter(9, 0);

  LaneJournal found(Block(), 0);
  ASSERT_TRUE(found.Load());
  ASSERT_EQ(found.LoadRetired().size(), 1u);
  EXPECT_EQ(found.LoadRetired()[0].generation, 7u);
  EXPECT_EQ(found.LoadRetired()[0].position, 2u);
}

}  // namespace
}  // namespace l3link
