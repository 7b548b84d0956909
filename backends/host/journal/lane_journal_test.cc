#include "backends/host/journal/lane_journal.h"

#include <gtest/gtest.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

constexpr uint64_t kDigests = 4;

class LaneJournalTest : public testing::Test {
 protected:
  LaneJournalTest() { journal_.Begin(7, 8192); }

  std::byte* memory() { return reinterpret_cast<std::byte*>(block_.data()); }
  // As the next daemon finds it.
  LaneJournal Loaded() {
    LaneJournal loaded(memory(), kDigests);
    EXPECT_TRUE(loaded.Load());
    return loaded;
  }
  static LaneHolder Holder(const std::string& session, uint64_t start = 0, uint64_t lease = 1) {
    return {session, "", 7, start, lease, 30};
  }

  std::vector<uint64_t> block_ = std::vector<uint64_t>(LaneBlockBytes(kDigests) / sizeof(uint64_t));
  LaneJournal journal_{memory(), kDigests};
};

TEST_F(LaneJournalTest, ZeroedMemoryIsNotLoaded) {
  std::vector<uint64_t> nothing(block_.size());
  EXPECT_FALSE(LaneJournal(reinterpret_cast<std::byte*>(nothing.data()), kDigests).Load());
}

TEST_F(LaneJournalTest, KeepsWherePositionsStand) {
  journal_.Intend({3, 300}, 77);
  EXPECT_EQ(Loaded().hot().reached, (LanePosition{3, 300}));
  EXPECT_EQ(Loaded().hot().settled, (LanePosition{0, 0}));
  EXPECT_EQ(Loaded().hot().digest, 77u);
  journal_.Commit({3, 300}, 290);
  journal_.SetPoison(2);
  const LaneJournal loaded = Loaded();
  EXPECT_EQ(loaded.hot().generation, 7u);
  EXPECT_EQ(loaded.hot().offset, 8192u);
  EXPECT_EQ(loaded.hot().settled, (LanePosition{3, 300}));
  EXPECT_EQ(loaded.hot().bytes, 290u);
  EXPECT_EQ(loaded.hot().poison, 3u);
}

TEST_F(LaneJournalTest, KeepsOneDigestASlot) {
  for (uint64_t sequence = 0; sequence < 2 * kDigests; ++sequence) journal_.SetDigest(sequence, 100 + sequence);
  for (uint64_t sequence = kDigests; sequence < 2 * kDigests; ++sequence) {
    EXPECT_EQ(Loaded().Digest(sequence), 100 + sequence);
  }
}

TEST_F(LaneJournalTest, AGrantCountsOnlyWithItsHotRecord) {
  journal_.Grant(1, Holder("old"));
  std::vector<uint64_t> before = block_;
  journal_.Grant(2, Holder("new", 5, 9));
  EXPECT_EQ(Loaded().holder().session_id, "new");
  EXPECT_EQ(Loaded().hot().epoch, 2u);
  std::memcpy(block_.data(), before.data(), sizeof(AbLayout<LaneHot>));  // death between the two records
  LaneJournal loaded = Loaded();
  EXPECT_EQ(loaded.holder().session_id, "old");
  EXPECT_EQ(loaded.hot().epoch, 1u);
  loaded.Grant(2, Holder("third"));
  EXPECT_EQ(Loaded().holder().session_id, "third");
}

TEST_F(LaneJournalTest, ADroppedLeaseLeavesItsSession) {
  journal_.Grant(1, Holder("s", 4, 9));
  journal_.Drop();
  const LaneHolder holder = Loaded().holder();
  EXPECT_EQ(holder.session_id, "s");
  EXPECT_EQ(holder.start, 4u);
  EXPECT_EQ(holder.lease_id, 0u);
}

TEST_F(LaneJournalTest, KeepsTheLastRetiredSessions) {
  for (uint64_t i = 0; i < 2 * kRetiredSessions + 3; ++i) {
    journal_.Grant(i + 1, Holder(absl::StrCat("s", i), i));
    journal_.Retire({absl::StrCat("s", i), 7, i, i + 1, absl::StrCat("uid:", i)});
  }
  const std::vector<RetiredSession> retired = Loaded().LoadRetired();
  ASSERT_EQ(retired.size(), kRetiredSessions);
  for (size_t i = 0; i < retired.size(); ++i) {
    const uint64_t number = kRetiredSessions + 3 + i;
    EXPECT_EQ(retired[i].session_id, absl::StrCat("s", number));
    EXPECT_EQ(retired[i].start, number);
    EXPECT_EQ(retired[i].position, number + 1);
    EXPECT_EQ(retired[i].principal, absl::StrCat("uid:", number));
  }
  EXPECT_EQ(Loaded().holder().session_id, "");
}

TEST_F(LaneJournalTest, ASessionIdOfFullLengthStays) {
  const std::string longest(kSessionIdBytes, 'x');
  journal_.Grant(1, Holder(longest));
  EXPECT_EQ(Loaded().holder().session_id, longest);
  journal_.Retire({longest, 7, 0, 1});
  EXPECT_EQ(Loaded().LoadRetired().at(0).session_id, longest);
}

TEST_F(LaneJournalTest, AResetRetiresTheHolderWhereItStoodAndKeepsTheEpoch) {
  journal_.Grant(4, Holder("s", 1));
  journal_.Intend({6, 600}, 1);
  journal_.Commit({6, 600}, 600);
  journal_.Begin(9, 16384);
  EXPECT_EQ(Loaded().LoadRetired().size(), 1u) << "by the reset itself";
  journal_.Retire({"s", 7, 1, 6});  // by whoever notices the reset; it is retired already
  const LaneJournal loaded = Loaded();
  EXPECT_EQ(loaded.hot().generation, 9u);
  EXPECT_EQ(loaded.hot().offset, 16384u);
  EXPECT_EQ(loaded.hot().epoch, 4u);
  EXPECT_EQ(loaded.hot().settled, LanePosition());
  const std::vector<RetiredSession> retired = loaded.LoadRetired();
  ASSERT_EQ(retired.size(), 1u);
  EXPECT_EQ(retired[0].session_id, "s");
  EXPECT_EQ(retired[0].generation, 7u);
  EXPECT_EQ(retired[0].position, 6u);
}

// Retired before it had sent anything, granted the lane again at the same position, and then it got further.
TEST_F(LaneJournalTest, ASessionThatCameBackIsRetiredWhereItGotTheSecondTime) {
  journal_.Grant(1, Holder("s"));
  journal_.Retire({"s", 7, 0, 0});
  journal_.Grant(2, Holder("s"));
  journal_.Retire({"s", 7, 0, 5});
  const std::vector<RetiredSession> retired = Loaded().LoadRetired();
  ASSERT_FALSE(retired.empty());
  EXPECT_EQ(retired.back().session_id, "s");
  EXPECT_EQ(retired.back().position, 5u);
}

}  // namespace
}  // namespace l3link
