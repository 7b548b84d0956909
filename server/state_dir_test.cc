#include "server/state_dir.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

bool Exists(const std::string& path) {
  struct stat there;
  return lstat(path.c_str(), &there) == 0;
}

void MakeSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
}

TEST(StateDirTest, IsCreatedForUsAloneAndKnowsThatItIsInMemory) {
  TempDir dir;
  absl::StatusOr<StateDir> state = StateDir::Open(dir / "s");
  ASSERT_TRUE(state.ok()) << state.status();
  struct stat made;
  ASSERT_EQ(stat((dir / "s").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 07777, 0700u);
  EXPECT_TRUE(state->in_memory());
  EXPECT_GT(state->free_bytes(), 0u);
}

TEST(StateDirTest, ASecondHolderIsRefusedWithTheFirstOnesPid) {
  TempDir dir;
  absl::optional<absl::StatusOr<StateDir>> first = StateDir::Open(dir / "s");
  ASSERT_TRUE(first->ok());
  const absl::Status second = StateDir::Open(dir / "s").status();
  EXPECT_TRUE(absl::StrContains(second.message(), absl::StrCat("in use by l3linkd with pid ", getpid()))) << second;
  first.reset();
  EXPECT_TRUE(StateDir::Open(dir / "s").ok());
  EXPECT_FALSE(Exists(dir / "s/l3linkd.lock"));
}

TEST(StateDirTest, RefusesASymbolicLinkAFileAndAMissingParent) {
  TempDir dir;
  ASSERT_EQ(symlink("/tmp", (dir / "link").c_str()), 0);
  WriteFile(dir / "file", "x");
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "link").status().message(), "symbolic link"));
  EXPECT_FALSE(StateDir::Open(dir / "file").ok());
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "no/s").status().message(), "No such file"));
}

TEST(StateDirTest, RefusesAModeThatLetsOthersIn) {
  TempDir dir;
  ASSERT_EQ(mkdir((dir / "s").c_str(), 0700), 0);
  ASSERT_EQ(chmod((dir / "s").c_str(), 0755), 0);
  const absl::Status refused = StateDir::Open(dir / "s").status();
  EXPECT_TRUE(absl::StrContains(refused.message(), "mode 0755")) << refused;
}

TEST(StateDirTest, RefusesAnotherUsersDirectory) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make another user's directory";
  TempDir dir;
  ASSERT_EQ(mkdir((dir / "s").c_str(), 0700), 0);
  ASSERT_EQ(chown((dir / "s").c_str(), 12345, 12345), 0);
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "s").status().message(), "owned by uid 12345"));
}

TEST(StateDirTest, RefusesASquattedLockFile) {
  TempDir dir;
  ASSERT_EQ(mkdir((dir / "s").c_str(), 0700), 0);
  ASSERT_EQ(symlink((dir / "target").c_str(), (dir / "s/l3linkd.lock").c_str()), 0);
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "s").status().message(), "symbolic link"));
  EXPECT_FALSE(Exists(dir / "target"));
  unlink((dir / "s/l3linkd.lock").c_str());
  WriteFile(dir / "other", "");
  ASSERT_EQ(link((dir / "other").c_str(), (dir / "s/l3linkd.lock").c_str()), 0);
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "s").status().message(), "hard links"));
  unlink((dir / "s/l3linkd.lock").c_str());
  ASSERT_EQ(mkfifo((dir / "s/l3linkd.lock").c_str(), 0600), 0);
  EXPECT_TRUE(absl::StrContains(StateDir::Open(dir / "s").status().message(), "not a regular file"));
}

TEST(SocketPathTest, RemovesAStaleSocketAndCleansUp) {
  TempDir dir;
  MakeSocket(dir / "u");
  {
    absl::StatusOr<SocketPath> path = SocketPath::Take(dir / "u");
    ASSERT_TRUE(path.ok()) << path.status();
    EXPECT_FALSE(Exists(dir / "u"));
    MakeSocket(dir / "u");
    EXPECT_FALSE(SocketPath::Take(dir / "u").ok());  // held: the live socket stays
    EXPECT_TRUE(Exists(dir / "u"));
  }
  EXPECT_FALSE(Exists(dir / "u"));
  EXPECT_FALSE(Exists(dir / "u.lock"));
}

TEST(SocketPathTest, LeavesWhatIsNoSocketAlone) {
  TempDir dir;
  WriteFile(dir / "u", "precious");
  EXPECT_FALSE(SocketPath::Take(dir / "u").ok());
  EXPECT_EQ(ReadFileOrEmpty(dir / "u"), "precious");
}

TEST(RemoveLeftoverTest, RemovesAFileAndNothingElse) {
  TempDir dir;
  WriteFile(dir / "ready", "old");
  EXPECT_TRUE(RemoveLeftover(dir / "ready").ok());
  EXPECT_FALSE(Exists(dir / "ready"));
  EXPECT_TRUE(RemoveLeftover(dir / "ready").ok());
  ASSERT_EQ(symlink((dir / "other").c_str(), (dir / "ready").c_str()), 0);
  EXPECT_FALSE(RemoveLeftover(dir / "ready").ok());
  EXPECT_TRUE(Exists(dir / "ready"));
}

TEST(WriteAtomicallyTest, ReplacesTheFileAndLeavesNothingElse) {
  TempDir dir;
  WriteFile(dir / "ready", "old");
  ASSERT_TRUE(WriteAtomically(dir / "ready", "new\n").ok());
  EXPECT_EQ(ReadFileOrEmpty(dir / "ready"), "new\n");
  EXPECT_FALSE(Exists(absl::StrCat(dir / "ready", ".", getpid())));
  EXPECT_FALSE(WriteAtomically(dir / "no/ready", "x").ok());
  EXPECT_FALSE(WriteAtomically("/dev/null", "x").ok()) << "a device, and it stays one";
}

}  // namespace
}  // namespace l3link
