#include "backends/runtime/state_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

TEST(StateFolderTest, AFreshOneIsOursAloneAndGoesWithItsContext) {
  std::string path;
  {
    absl::StatusOr<std::unique_ptr<StateFolder>> folder = StateFolder::Open("");
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = (*folder)->path();
    struct stat found;
    ASSERT_EQ(stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
    absl::StatusOr<std::unique_ptr<StateFolder>> other = StateFolder::Open("");
    ASSERT_TRUE(other.ok());
    EXPECT_NE((*other)->path(), path);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(StateFolderTest, ANamedOneIsMadeAndStays) {
  TempDir dir;
  { ASSERT_TRUE(StateFolder::Open(dir / "state").ok()); }
  EXPECT_TRUE(std::filesystem::is_directory(dir / "state"));
}

TEST(StateFolderTest, IsOfOneContextAtATime) {
  TempDir dir;
  absl::StatusOr<std::unique_ptr<StateFolder>> first = StateFolder::Open(dir / "state");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(StateFolder::Open(dir / "state").status()));
  first->reset();
  EXPECT_TRUE(StateFolder::Open(dir / "state").ok());
}

TEST(StateFolderTest, LeavesADaemonsJournalAlone) {
  TempDir dir;
  std::filesystem::create_directories(dir / "state/private");
  std::filesystem::permissions(dir / "state", std::filesystem::perms::owner_all);
  EXPECT_TRUE(StateFolder::Open(dir / "state").ok()) << "nothing is kept there";
  WriteFile(dir / "state/private/chip-0.journal", "x");
  EXPECT_TRUE(absl::IsFailedPrecondition(StateFolder::Open(dir / "state").status()));
}

TEST(StateFolderTest, RemovesWhatAKilledProcessLeft) {
  const std::string parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  const std::string left = absl::StrCat(parent, "/l3link-runtime-", geteuid(), ".tester");
  std::filesystem::create_directory(left);
  WriteFile(left + "/l3linkd.lock", "1\n");
  { ASSERT_TRUE(StateFolder::Open("").ok()); }
  EXPECT_TRUE(std::filesystem::exists(left)) << "it may be somebody's who is just beginning";
  std::filesystem::last_write_time(left + "/l3linkd.lock",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::minutes(2));
  { ASSERT_TRUE(StateFolder::Open("").ok()); }
  EXPECT_FALSE(std::filesystem::exists(left));
}

}  // namespace
}  // namespace l3link
