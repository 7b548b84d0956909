#include "backends/host/journal/ab_record.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

struct Pair {
  uint64_t a = 0;
  uint64_t b = 0;

  bool operator==(const Pair&) const = default;
};

using Layout = AbRecord<Pair>::Layout;

Pair LoadFrom(Layout layout, bool* found) {
  Pair value;
  *found = AbRecord<Pair>(&layout).Load(&value);
  return value;
}

TEST(AbRecordTest, ZeroedMemoryHoldsNoRecord) {
  Layout layout = {};
  AbRecord<Pair> record(&layout);
  Pair value;
  EXPECT_FALSE(record.Load(&value));
  EXPECT_EQ(record.counter(), 0u);
}

TEST(AbRecordTest, LoadsTheNewestAndCountsOn) {
  Layout layout = {};
  AbRecord<Pair> first(&layout);
  for (uint64_t i = 1; i <= 5; ++i) first.Store({i, 10 * i});
  AbRecord<Pair> second(&layout);
  Pair value;
  ASSERT_TRUE(second.Load(&value));
  EXPECT_EQ(value, (Pair{5, 50}));
  EXPECT_EQ(second.counter(), 5u);
  second.Store({6, 60});
  bool found;
  EXPECT_EQ(LoadFrom(layout, &found), (Pair{6, 60}));
}

TEST(AbRecordTest, ADamagedNewerCopyLeavesTheOlderOne) {
  Layout layout = {};
  AbRecord<Pair> record(&layout);
  record.Store({1, 10});
  record.Store({2, 20});
  for (size_t byte = 0; byte < sizeof(Layout::Copy); ++byte) {
    Layout torn = layout;
    reinterpret_cast<unsigned char*>(&torn.copies[0])[byte] ^= 0x40;  // the second store's
    bool found;
    EXPECT_EQ(LoadFrom(torn, &found), (Pair{1, 10})) << "byte " << byte;
    EXPECT_TRUE(found);
    AbRecord<Pair> next(&torn);
    Pair value;
    ASSERT_TRUE(next.Load(&value));
    next.Store({3, 30});
    EXPECT_EQ(LoadFrom(torn, &found), (Pair{3, 30})) << "the damaged copy is the one that is written";
  }
}

// The words of a copy, in the order in which Store writes them: after each, the record is the old one, until the last.
TEST(AbRecordTest, EachWordOfAStoreLeavesOldOrNew) {
  Layout before = {};
  AbRecord<Pair> record(&before);
  record.Store({1, 10});
  record.Store({2, 20});
  Layout after = before;
  AbRecord<Pair> writer(&after);
  Pair value;
  ASSERT_TRUE(writer.Load(&value));
  writer.Store({3, 30});
  Layout::Copy& place = before.copies[1];
  const Layout::Copy& written = after.copies[1];
  bool found;
  for (size_t i = 0; i < Layout::kWords; ++i) {
    place.words[i] = written.words[i];
    EXPECT_EQ(LoadFrom(before, &found), (Pair{2, 20}));
  }
  place.crc = written.crc;
  EXPECT_EQ(LoadFrom(before, &found), (Pair{2, 20}));
  place.counter = written.counter;
  EXPECT_EQ(LoadFrom(before, &found), (Pair{3, 30}));
}

TEST(AbRecordTest, CountsOnBeyondTheEndOfItsCounter) {
  Layout layout = {};
  AbRecord<Pair> record(&layout);
  record.Store({0, 0});
  Layout::Copy& last = layout.copies[1];
  last.counter = UINT64_MAX;
  last.crc = l3_crc32c_extend(l3_crc32c(&last.counter, sizeof(last.counter)), last.words, sizeof(last.words));
  AbRecord<Pair> next(&layout);
  Pair value;
  ASSERT_TRUE(next.Load(&value));
  for (uint64_t i = 1; i <= 4; ++i) {
    next.Store({i, 10 * i});
    bool found;
    EXPECT_EQ(LoadFrom(layout, &found), (Pair{i, 10 * i}));
  }
}

TEST(AbRecordTest, LoadsACertainCountOrNothing) {
  Layout layout = {};
  AbRecord<Pair> record(&layout);
  record.Store({1, 10});
  record.Store({2, 20});
  Pair value;
  AbRecord<Pair> reader(&layout);
  ASSERT_TRUE(reader.LoadAt(1, &value));
  EXPECT_EQ(value, (Pair{1, 10}));
  for (uint64_t absent : {0, 3, 4}) EXPECT_FALSE(reader.LoadAt(absent, &value)) << absent;
  reader.Store({9, 90});  // counts on from the one that was loaded, over the one that nobody named
  bool found;
  EXPECT_EQ(LoadFrom(layout, &found), (Pair{9, 90}));
}

}  // namespace
}  // namespace l3link
