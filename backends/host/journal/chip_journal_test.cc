#include "backends/host/journal/chip_journal.h"

#include <gtest/gtest.h>

#include <cstring>

#include "backends/abi/arena_layout.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

constexpr uint32_t kObjects = 4;
constexpr uint64_t kArenaBytes = 1 << 20;

class ChipJournalTest : public testing::Test {
 protected:
  ChipJournalTest() {
    JournalIdentity identity = {};
    identity.max_objects = kObjects;
    identity.arena_bytes = kArenaBytes;
    identity.arena_generation = 100;
    EXPECT_TRUE(journal_.Init(identity).ok());
  }

  JournalHead& head() { return *reinterpret_cast<JournalHead*>(memory_.memory().data()); }
  CatalogueEntry& entry(uint32_t index) {
    return reinterpret_cast<CatalogueEntry*>(memory_.memory().data() + sizeof(JournalHead))[index];
  }
  CatalogueEntry NewEntry(const char* name) {
    const absl::StatusOr<Extent> block = journal_.TakeBlock(100);
    CatalogueEntry made = {};
    made.generation = journal_.NextGeneration();
    made.kind = L3_OBJECT_CHANNEL;
    made.block_offset = block->offset;
    made.block_bytes = block->bytes;
    std::strcpy(made.name, name);
    return made;
  }
  absl::StatusOr<JournalContents> Reopened() {
    ChipJournal reopened(memory_.memory(), &memory_);
    const absl::Status status = reopened.Open();
    return status.ok() ? reopened.Load() : status;
  }

  MemoryJournal memory_{kArenaBytes, kObjects};
  ChipJournal journal_{memory_.memory(), &memory_};
};

TEST_F(ChipJournalTest, AnEmptyOneIsReadAgain) {
  const absl::StatusOr<JournalContents> contents = Reopened();
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_TRUE(contents->objects.empty());
  EXPECT_TRUE(contents->quarantined.empty());
}

TEST_F(ChipJournalTest, SaysWhatIsWrongWithOneItCannotRead) {
  JournalIdentity& identity = head().identity;
  const JournalIdentity whole = identity;
  identity.magic = 0;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kNotFound) << "never finished";
  identity = whole;
  identity.magic ^= 1;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
  identity = whole;
  identity.journal_version += 1;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kFailedPrecondition);
  identity = whole;
  identity.pairing_id[3] ^= 1;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
  identity = whole;
  ChipJournal cut(memory_.memory().subspan(0, memory_.memory().size() - L3_PAGE_BYTES), &memory_);
  EXPECT_EQ(cut.Open().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ChipJournalTest, RefusesCountersThatCannotBeTrue) {
  JournalCounters& counters = head().counters;
  const JournalCounters whole = counters;
  counters.newest_generation = 99;  // of an arena that began at 100: generations would be given twice
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
  counters.newest_generation = UINT64_MAX;  // the next one would be 0, which is none
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
  counters = whole;
  counters.directory_version = UINT64_MAX;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
  counters = whole;
  counters.unlisted = UINT64_MAX;
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ChipJournalTest, GivesNoGenerationTwice) {
  const uint64_t given = journal_.NextGeneration();
  EXPECT_GT(given, 100u);
  ChipJournal reopened(memory_.memory(), &memory_);
  ASSERT_TRUE(reopened.Open().ok());
  EXPECT_GT(reopened.NextGeneration(), given);
}

TEST_F(ChipJournalTest, KeepsTheCatalogueAndItsBlocks) {
  journal_.Put(2, NewEntry("two"));
  journal_.Put(0, NewEntry("zero"));
  journal_.Put(1, NewEntry("one"));
  journal_.Clear(0);
  ChipJournal reopened(memory_.memory(), &memory_);
  ASSERT_TRUE(reopened.Open().ok());
  const absl::StatusOr<JournalContents> contents = reopened.Load();
  ASSERT_TRUE(contents.ok()) << contents.status();
  ASSERT_EQ(contents->objects.size(), 2u);
  EXPECT_EQ(contents->objects[0].first, 1u);
  EXPECT_STREQ(contents->objects[0].second.name, "one");
  EXPECT_EQ(contents->objects[1].first, 2u);
  const absl::StatusOr<Extent> block = reopened.TakeBlock(100);
  ASSERT_TRUE(block.ok());
  for (const auto& [index, object] : contents->objects) EXPECT_NE(block->offset, object.block_offset);
}

TEST_F(ChipJournalTest, AnEntryThatCannotBeTrueIsDataLoss) {
  journal_.Put(0, NewEntry("a"));
  const CatalogueEntry whole = entry(0);
  for (size_t byte = 8; byte < sizeof(CatalogueEntry); ++byte) {
    reinterpret_cast<unsigned char*>(&entry(0))[byte] ^= 0x10;
    EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss) << "byte " << byte;
    entry(0) = whole;
  }
  CatalogueEntry later = whole;
  later.generation = journal_.newest_generation() + 1;
  journal_.Put(0, later);
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss) << "a generation that was never given";
  journal_.Put(0, whole);
  journal_.Put(1, whole);
  EXPECT_EQ(Reopened().status().code(), absl::StatusCode::kDataLoss) << "one block of two objects";
}

TEST_F(ChipJournalTest, RemembersTheQuarantineAndWhatFoundNoPlaceInIt) {
  const Extent pages[] = {{4096, 4096}, {12288, 8192}};
  const std::vector<uint32_t> first = journal_.ListQuarantined(pages, 5, 1);
  ASSERT_EQ(first.size(), 2u);
  journal_.Unlist({first[0]});
  absl::StatusOr<JournalContents> contents = Reopened();
  ASSERT_EQ(contents->quarantined.size(), 1u);
  EXPECT_EQ(contents->quarantined[0].first, first[1]);
  EXPECT_EQ(contents->quarantined[0].second.offset, 12288u);
  EXPECT_EQ(contents->quarantined[0].second.bytes, 8192u);
  EXPECT_EQ(contents->quarantined[0].second.version, 5u);
  EXPECT_EQ(journal_.unlisted_version(), 0u);
  const Extent more[kObjects] = {{40960, 4096}, {49152, 4096}, {57344, 4096}, {65536, 4096}};
  EXPECT_EQ(journal_.ListQuarantined(more, 6, 1).size(), kObjects - 1) << "one is there already";
  EXPECT_EQ(journal_.unlisted_version(), 6u);
  ChipJournal reopened(memory_.memory(), &memory_);
  ASSERT_TRUE(reopened.Open().ok());
  ASSERT_EQ(reopened.Load()->quarantined.size(), size_t{kObjects});
  EXPECT_EQ(reopened.unlisted_version(), 6u);
  EXPECT_TRUE(reopened.ListQuarantined({pages, 1}, 7, 1).empty());
}

}  // namespace
}  // namespace l3link
