#include "backends/abi/chip.h"

#include <cstring>
#include <string>
#include <vector>

#include "backends/abi/testing/hand_laid_arena.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr uint64_t kBytes = 1 << 20;

struct Clock {
  uint64_t now_us = 1'000'000;
  std::vector<uint32_t*> woken;
};

l3_platform PlatformOf(Clock* clock) {
  l3_platform platform = {};
  platform.context = clock;
  platform.now_us = [](void* context) { return static_cast<Clock*>(context)->now_us; };
  platform.wake = [](void* context, uint32_t* word) { static_cast<Clock*>(context)->woken.push_back(word); };
  platform.pid = 77;
  return platform;
}

class ChipTest : public testing::Test {
 protected:
  Clock clock_;
  std::vector<uint64_t> memory_ = std::vector<uint64_t>(kBytes / 8);
  HandLaidArena arena_{memory_.data(), kBytes};
  l3_platform platform_ = PlatformOf(&clock_);
  l3_chip chip_;
};

TEST_F(ChipTest, AttachSaysWhoIsThere) {
  arena_.header().host.directory_version = 9;
  arena_.header().chip.attach_count = 4;
  arena_.header().chip.heartbeat = 100;
  arena_.header().to_chip.armed = 1;
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  const l3_chip_line& line = arena_.header().chip;
  EXPECT_EQ(line.chip_state, L3_CHIP_RUNNING);
  EXPECT_EQ(line.chip_flags, L3_CHIP_CAN_WAKE);
  EXPECT_EQ(line.attach_count, 5u);
  EXPECT_EQ(line.heartbeat, 101u);
  EXPECT_EQ(line.directory_ack, 9u);
  EXPECT_EQ(line.pid, 77u);
  EXPECT_EQ(arena_.header().to_chip.armed, 0u) << "the one who slept there is gone";
}

TEST_F(ChipTest, AttachRefusesWhatIsNotItsArena) {
  l3_arena_identity& identity = arena_.header().identity;
  const l3_arena_identity good = identity;
  const struct {
    const char* what;
    int expected;
    void (*change)(l3_arena_identity*);
  } cases[] = {
      {"not finished", L3_AGAIN, [](l3_arena_identity* i) { i->magic = 0; }},
      {"magic", L3_EMAGIC, [](l3_arena_identity* i) { i->magic ^= 1; }},
      {"ABI version", L3_EVERSION, [](l3_arena_identity* i) { i->abi_version = L3_ABI_VERSION + 1; }},
      {"entry size", L3_EVERSION, [](l3_arena_identity* i) { i->entry_bytes = 64; }},
      {"arena beyond the mapping", L3_ESIZE, [](l3_arena_identity* i) { i->arena_bytes = kBytes + 1; }},
      {"directory beyond the arena", L3_ESIZE, [](l3_arena_identity* i) { i->directory_at = kBytes; }},
      {"directory at a huge place", L3_ESIZE, [](l3_arena_identity* i) { i->directory_at = ~uint64_t{63}; }},
      {"directory over the header", L3_ESIZE, [](l3_arena_identity* i) { i->directory_at = 64; }},
      {"too many entries", L3_ESIZE, [](l3_arena_identity* i) { i->directory_capacity = 1u << 31; }},
  };
  for (const auto& one : cases) {
    identity = good;
    one.change(&identity);
    EXPECT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), one.expected) << one.what;
  }
  identity = good;
  EXPECT_EQ(l3_attach(&chip_, memory_.data(), 4095, &platform_), L3_ESIZE);
  EXPECT_EQ(arena_.header().chip.attach_count, 0u) << "a refused attach leaves nothing behind";
}

TEST_F(ChipTest, BeatsAtMostEveryQuarterOfASecond) {
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  const uint64_t first = arena_.header().chip.heartbeat;
  clock_.now_us += L3_BEAT_US - 1;
  l3_beat(&chip_);
  EXPECT_EQ(arena_.header().chip.heartbeat, first);
  clock_.now_us += 1;
  l3_beat(&chip_);
  EXPECT_EQ(arena_.header().chip.heartbeat, first + 1);
}

TEST_F(ChipTest, FindsObjectsByNameAndByGeneration) {
  const HandObject one = arena_.AddChannel("jobs", {});
  const HandObject two = arena_.AddRegion("jobs2", 64, {L3_WRITER_HOST});
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  l3_object found;
  ASSERT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "jobs", &found), L3_OK);
  EXPECT_EQ(found.entry.generation, one.generation);
  EXPECT_EQ(found.entry.offset, one.offset);
  ASSERT_EQ(l3_find_by_name(&chip_, 0, "jobs2", &found), L3_OK);
  EXPECT_EQ(found.entry.generation, two.generation);
  EXPECT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "jobs2", &found), L3_ENOENT) << "another kind";
  EXPECT_EQ(l3_find_by_name(&chip_, 0, "job", &found), L3_ENOENT) << "a prefix is not a name";
  ASSERT_EQ(l3_find_by_id(&chip_, two.generation, &found), L3_OK);
  EXPECT_EQ(found.index, two.index);
  arena_.Close(one);
  EXPECT_EQ(l3_find_by_id(&chip_, one.generation, &found), L3_ENOENT);
}

TEST_F(ChipTest, LeavesOutEntriesThatAreBeingChangedOrLieOutside) {
  const HandObject one = arena_.AddChannel("one", {});
  const HandObject two = arena_.AddChannel("two", {});
  const HandObject three = arena_.AddChannel("three", {});
  arena_.Entry(one.index).generation = 0;
  arena_.Entry(two.index).offset = kBytes - L3_PAGE_BYTES;
  memset(arena_.Entry(three.index).name, 'x', L3_NAME_BYTES);
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  uint32_t cursor = 0;
  l3_object found;
  ASSERT_EQ(l3_next_object(&chip_, 0, &cursor, &found), L3_OK);
  EXPECT_EQ(found.index, three.index);
  EXPECT_EQ(std::string(found.entry.name), std::string(L3_NAME_BYTES - 1, 'x')) << "always closed by a zero";
  EXPECT_EQ(l3_next_object(&chip_, 0, &cursor, &found), L3_ENOENT);
  arena_.header().host.directory_used = 1u << 30;
  EXPECT_EQ(l3_next_object(&chip_, 0, &cursor, &found), L3_ENOENT) << "bounded by the capacity";
}

TEST_F(ChipTest, AcknowledgesADirectoryVersionOnlyWhenTold) {
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  uint64_t version;
  EXPECT_FALSE(l3_directory_changed(&chip_, &version));
  arena_.AddChannel("new", {});
  EXPECT_TRUE(l3_directory_changed(&chip_, &version));
  EXPECT_EQ(arena_.header().chip.directory_ack, 0u);
  arena_.header().to_host.armed = 1;
  l3_directory_acknowledge(&chip_, version);
  EXPECT_EQ(arena_.header().chip.directory_ack, version);
  EXPECT_EQ(clock_.woken, std::vector<uint32_t*>{&arena_.header().to_host.word}) << "a sleeping host is told";
  EXPECT_EQ(arena_.header().to_host.word, 1u);
  EXPECT_FALSE(l3_directory_changed(&chip_, &version));
}

TEST_F(ChipTest, DetachSaysSo) {
  ASSERT_EQ(l3_attach(&chip_, memory_.data(), kBytes, &platform_), L3_OK);
  l3_detach(&chip_);
  EXPECT_EQ(arena_.header().chip.chip_state, L3_CHIP_DETACHED);
}

}  // namespace
}  // namespace l3link
