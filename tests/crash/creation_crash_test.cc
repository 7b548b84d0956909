// Deaths of a daemon that makes a chip's arena and journal for the first time, or anew: after each of its system calls and
// stores. Whatever is left, the next daemon begins with it or without it, and goes on; never with half of it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/abi/crc32c.h"
#include "backends/host/arena_header.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/chip_journal_layout.h"
#include "backends/host/object_table.h"
#include "backends/sim/sim_platform.h"
#include "backends/worker/kept_state.h"
#include "gtest/gtest.h"
#include "tests/crash/scenario.h"
#include "tests/crash/stepped_child.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSmallArenaBytes = 256 << 10;
// Of each file so much is looked at after every instruction; the rest of it at the end.
constexpr size_t kLookedAt = 24 << 10;

// A daemon's hold of its chip's state, without the chip.
class Holder {
 public:
  explicit Holder(const std::string& folder) : platform_(*SimTraits("a2a3sim", 0), 0, OptionsIn(folder)) {
    StateRequest request;
    request.arena_bytes = kSmallArenaBytes;
    request.max_objects = kMaxObjects;
    request.private_dir = folder + "/private";
    auto state = KeptState::Open(&platform_, request);
    status_ = state.status();
    if (!status_.ok()) return;
    state_ = *std::move(state);
    bell_ = std::make_unique<HostBell>(HeaderOf(state_->arena()), [this](uint32_t* word) { platform_.WakeChip(word); });
    ObjectLimits limits;
    limits.max_objects = kMaxObjects;
    table_ = std::make_unique<ObjectTable>(state_->arena(), limits, &platform_, bell_.get(), &state_->journal());
    if (state_->adopted()) status_ = table_->Recover();
  }

  const absl::Status& status() const { return status_; }
  bool adopted() const { return state_->adopted(); }
  const std::string& note() const { return state_->note(); }
  ObjectTable& table() { return *table_; }

 private:
  static SimOptions OptionsIn(const std::string& folder) {
    SimOptions options;
    options.state_dir = folder;
    options.external = true;
    return options;
  }

  SimPlatform platform_;
  std::unique_ptr<KeptState> state_;
  std::unique_ptr<HostBell> bell_;
  std::unique_ptr<ObjectTable> table_;
  absl::Status status_;
};

std::string ArenaIn(const std::string& folder) { return folder + "/chips/0/arena"; }
std::string JournalIn(const std::string& folder) { return folder + "/private/chip-0.journal"; }

// What there is, and what the files begin with; reading backs no page of them.
std::string LookAt(const std::string& folder) {
  std::string seen;
  for (const std::string& path :
       {folder, folder + "/private", folder + "/chips", folder + "/chips/0", ArenaIn(folder), JournalIn(folder)}) {
    struct stat there = {};
    if (lstat(path.c_str(), &there) != 0) continue;
    absl::StrAppend(&seen, path, " ", there.st_ino, " ", there.st_mode, " ", there.st_nlink, " ");
    if (!S_ISREG(there.st_mode)) continue;
    absl::StrAppend(&seen, there.st_size, " ", there.st_blocks, " ");
    const size_t at = seen.size();
    seen.resize(at + kLookedAt);
    const int fd = open(path.c_str(), O_RDONLY);
    seen.resize(at + static_cast<size_t>(std::max<ssize_t>(0, read(fd, seen.data() + at, kLookedAt))));
    close(fd);
  }
  return seen;
}

class CreationCrashTest : public testing::Test {
 protected:
  CreationCrashTest() {
    char name[] = "/dev/shm/l3link-create-XXXXXX";
    if (mkdtemp(name) == nullptr) abort();
    root_ = name;
  }
  ~CreationCrashTest() override { fs::remove_all(root_); }

  std::string folder() const { return root_ + "/state"; }
  std::string copy() const { return root_ + "/copy"; }

  // What is wrong with what two daemons, one after the other, make of the state as it is now; empty: nothing.
  std::string FaultAfter(bool* adopted) {
    fs::remove_all(copy());
    if (fs::exists(folder())) fs::copy(folder(), copy(), fs::copy_options::recursive);
    uint64_t generation;
    {
      Holder next(copy());
      if (!next.status().ok()) return next.status().ToString();
      *adopted = next.adopted();
      if (!next.table().channels().empty()) return "channels that nobody opened";
      const auto opened = next.table().OpenChannel("jobs", CrashChannelConfig(1, false));
      if (!opened.ok()) return opened.status().ToString();
      HostChannel& channel = **next.table().FindChannel("jobs", 0);
      generation = channel.generation();
      SendToChip(*channel.lane(Direction::kHostToChip, 0).producer, "kept");
    }
    Holder after(copy());
    if (!after.status().ok()) return after.status().ToString();
    const auto found = after.table().FindChannel("jobs", generation);
    if (!after.adopted() || !found.ok()) return "what was opened then is not kept";
    const LaneProducer& lane = *(*found)->lane(Direction::kHostToChip, 0).producer;
    return lane.poison().has_value() || lane.published() != 1 ? "what was sent then is not kept" : "";
  }

  // Kills a daemon that finds the state as it is, at every change that it makes to it.
  void CrashEverywhere(const char* name) {
    SteppedChild child([this] { return Holder(folder()).status().ok(); });
    std::string seen = LookAt(folder());
    uint64_t instructions = 0, changes = 0, adoptions = 0;
    bool adopted = false;
    ASSERT_EQ(FaultAfter(&adopted), "") << name << ", before anything";
    while (child.Step()) {
      ++instructions;
      std::string now = LookAt(folder());
      if (now == seen) continue;
      seen = std::move(now);
      ++changes;
      const bool was_adopted = adopted;
      ASSERT_EQ(FaultAfter(&adopted), "") << name << ", change " << changes;
      adoptions += adopted;
      EXPECT_FALSE(was_adopted && !adopted) << name << ", change " << changes << ": it was whole before";
    }
    EXPECT_TRUE(child.succeeded());
    EXPECT_TRUE(adopted) << "what is finished is adopted";
    printf("%s: %llu instructions, %llu changes, of which the next daemon adopts %llu\n", name,
           static_cast<unsigned long long>(instructions), static_cast<unsigned long long>(changes),
           static_cast<unsigned long long>(adoptions));
    EXPECT_GT(changes, 20u);
  }

  std::string root_;
};

TEST_F(CreationCrashTest, AFirstStartLeavesNothingThatAnotherOneCannotUse) { CrashEverywhere("first start"); }

TEST_F(CreationCrashTest, NorDoesOneThatDiscardsWhatIsFromBeforeAReboot) {
  { ASSERT_TRUE(Holder(folder()).status().ok()); }
  JournalIdentity identity;
  const int fd = open(JournalIn(folder()).c_str(), O_RDWR);
  ASSERT_EQ(pread(fd, &identity, sizeof(identity), 0), static_cast<ssize_t>(sizeof(identity)));
  identity.boot_id[0] ^= 1;
  identity.crc = l3_crc32c(&identity, offsetof(JournalIdentity, crc));
  ASSERT_EQ(pwrite(fd, &identity, sizeof(identity), 0), static_cast<ssize_t>(sizeof(identity)));
  close(fd);
  CrashEverywhere("start after a reboot");
}

TEST_F(CreationCrashTest, AnArenaWhoseJournalIsGoneIsDroppedAndSaidSo) {
  { ASSERT_TRUE(Holder(folder()).status().ok()); }
  fs::remove(JournalIn(folder()));
  {
    Holder next(folder());
    ASSERT_TRUE(next.status().ok()) << next.status();
    EXPECT_FALSE(next.adopted());
    EXPECT_NE(next.note().find(JournalIn(folder())), std::string::npos) << next.note();
    EXPECT_NE(next.note().find("discarded"), std::string::npos) << next.note();
  }
  Holder after(folder());
  EXPECT_TRUE(after.adopted());
  EXPECT_EQ(after.note(), "");
}

}  // namespace
}  // namespace l3link
