#include "server/channel/lane_record.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace l3link {
namespace {

constexpr uint64_t kGeneration = 7;

// A lane's journal, and its record as a daemon finds it at its start.
class LaneRecordTest : public testing::Test {
 protected:
  std::byte* memory() { return reinterpret_cast<std::byte*>(block_.data()); }
  LaneJournal Begun() {
    LaneJournal journal(memory(), 0);
    journal.Begin(kGeneration, 4096);
    return journal;
  }
  LaneRecord Restarted() {
    loaded_.emplace(memory(), 0);
    EXPECT_TRUE(loaded_->Load());
    return LaneRecord(LaneKey(), &*loaded_);
  }
  // As the lane itself does.
  void Publish(LaneRecord* record, uint64_t count) {
    journal_.Commit({count, 100 * count}, 100 * count);
    record->Published(count);
  }

  std::vector<uint64_t> block_ = std::vector<uint64_t>(LaneBlockBytes(0) / sizeof(uint64_t));
  LaneJournal journal_ = Begun();
  LaneRecord record_{LaneKey(), &journal_};
  std::optional<LaneJournal> loaded_;
};

TEST_F(LaneRecordTest, ARestartKeepsHolderEpochAndPosition) {
  record_.Grant("a");
  Publish(&record_, 3);
  EXPECT_EQ(record_.Grant("b"), 2u);
  Publish(&record_, 5);
  const LaneRecord restarted = Restarted();
  EXPECT_EQ(restarted.generation(), kGeneration);
  EXPECT_EQ(restarted.epoch(), 2u);
  EXPECT_EQ(restarted.position(), 5u);
  EXPECT_TRUE(restarted.IsLast("b"));
  EXPECT_EQ(restarted.start(), 3u);
  ASSERT_NE(restarted.FindRetired("a"), nullptr);
  EXPECT_EQ(restarted.FindRetired("a")->position, 3u);
}

TEST_F(LaneRecordTest, ARestartKeepsWhoseEachSessionIs) {
  record_.Grant("a", {1, absl::Seconds(1), "uid:1"});
  record_.Grant("b", {2, absl::Seconds(1), "uid:2"});
  const LaneRecord restarted = Restarted();
  EXPECT_EQ(restarted.last_principal(), "uid:2");
  for (const LaneRecord* record : {static_cast<const LaneRecord*>(&record_), &restarted}) {
    EXPECT_TRUE(record->CheckOwner("a", "uid:1").ok());
    EXPECT_FALSE(record->CheckOwner("a", "uid:2").ok());
    EXPECT_TRUE(record->CheckOwner("b", "uid:2").ok());
    EXPECT_FALSE(record->CheckOwner("b", "uid:1").ok());
    EXPECT_TRUE(record->CheckOwner("c", "uid:3").ok());
  }
}

TEST_F(LaneRecordTest, ARestartKeepsTheLastFinalPositionOfASessionThatWasHereTwice) {
  record_.Grant("a");
  Publish(&record_, 3);
  record_.Grant("b");
  Publish(&record_, 5);
  record_.Grant("a");  // anew, not resumed
  EXPECT_EQ(record_.FindRetired("a"), nullptr);
  Publish(&record_, 9);
  EXPECT_EQ(Restarted().FindRetired("a"), nullptr) << "it is the last one";
  record_.Grant("c");
  ASSERT_NE(record_.FindRetired("a"), nullptr);
  EXPECT_EQ(record_.FindRetired("a")->position, 9u);
  const LaneRecord restarted = Restarted();
  ASSERT_NE(restarted.FindRetired("a"), nullptr);
  EXPECT_EQ(restarted.FindRetired("a")->position, 9u);
}

TEST_F(LaneRecordTest, ARestartAfterAResetStartsAtZeroAndKnowsWhoWasHere) {
  record_.Grant("a");
  Publish(&record_, 3);
  journal_.Begin(kGeneration + 1, 8192);
  record_.Enter(kGeneration + 1, 0);
  EXPECT_EQ(record_.Grant("b"), 2u);
  const LaneRecord restarted = Restarted();
  EXPECT_EQ(restarted.position(), 0u);
  EXPECT_EQ(restarted.epoch(), 2u);
  ASSERT_NE(restarted.FindRetired("a"), nullptr);
  EXPECT_EQ(restarted.FindRetired("a")->generation, kGeneration);
  EXPECT_EQ(restarted.FindRetired("a")->position, 3u);
}

}  // namespace
}  // namespace l3link
