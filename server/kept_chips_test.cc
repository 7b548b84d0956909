#include "server/kept_chips.h"

#include <sys/stat.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeptChipsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"private", "chips", "chips/0", "chips/1", "chips/7"}) {
      ASSERT_EQ(mkdir((dir_ / folder).c_str(), 0700), 0);
    }
  }

  TempDir dir_;
};

TEST_F(KeptChipsTest, DiscardsJournalsAndArenasOfEveryChipAndNothingElse) {
  for (const char* file : {"private/chip-1.journal", "private/chip-3.journal", "chips/1/arena", "chips/7/arena",
                           "chips/0/chip.log", "private/memory.journal", "private/chip-x.journal"}) {
    WriteFile(dir_ / file, "x");
  }
  EXPECT_THAT(FindKeptChips(dir_.path()), ElementsAre(1, 3, 7));
  EXPECT_TRUE(DiscardKeptChips(dir_.path()).ok());
  EXPECT_THAT(FindKeptChips(dir_.path()), IsEmpty());
  for (const char* file : {"chips/0/chip.log", "private/memory.journal", "private/chip-x.journal"}) {
    EXPECT_EQ(ReadFileOrEmpty(dir_ / file), "x") << file;
  }
}

TEST_F(KeptChipsTest, AJournalThatIsNotOursKeepsItsArena) {
  WriteFile(dir_ / "chips/1/arena", "x");
  ASSERT_EQ(symlink((dir_ / "elsewhere").c_str(), (dir_ / "private/chip-1.journal").c_str()), 0);
  EXPECT_EQ(DiscardKeptChips(dir_.path()).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReadFileOrEmpty(dir_ / "chips/1/arena"), "x");
}

TEST_F(KeptChipsTest, ADirectoryWithoutStateHasNothingToDiscard) {
  EXPECT_THAT(FindKeptChips(dir_ / "none"), IsEmpty());
  EXPECT_TRUE(DiscardKeptChips(dir_ / "none").ok());
}

}  // namespace
}  // namespace l3link
