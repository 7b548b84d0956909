#include "backends/state/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;

// A pid that nobody has: its process has ended and was waited for.
pid_t DeadPid() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

// Holds the lock, with `pid` written in it, for a while. The child is to be waited for.
pid_t HoldFor(const std::string& path, pid_t pid, absl::Duration time) {
  WriteFile(path, absl::StrCat(pid, "\n"));
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
  const pid_t child = fork();
  if (child == 0) {
    absl::SleepFor(time);
    _exit(0);
  }
  close(fd);
  return child;
}

TEST(FileLockTest, WaitsForTheLockOfAHolderWhoHasDied) {
  TempDir dir;
  const pid_t child = HoldFor(dir / "lock", DeadPid(), absl::Milliseconds(300));
  const absl::StatusOr<FileLock> lock = FileLock::Take(dir / "lock", "the folder");
  EXPECT_TRUE(lock.ok()) << lock.status();
  waitpid(child, nullptr, 0);
}

TEST(FileLockTest, ButNotForEver) {
  TempDir dir;
  const pid_t dead = DeadPid();
  const pid_t child = HoldFor(dir / "lock", dead, absl::Seconds(600));
  EXPECT_THAT(std::string(FileLock::Take(dir / "lock", "the folder").status().message()),
              HasSubstr(absl::StrCat("the folder is in use by l3linkd with pid ", dead)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(FileLockTest, RefusesAtOnceWhileItsHolderLives) {
  TempDir dir;
  const absl::StatusOr<FileLock> first = FileLock::Take(dir / "lock", "the folder");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(std::string(FileLock::Take(dir / "lock", "the folder").status().message()),
              HasSubstr(absl::StrCat("in use by l3linkd with pid ", getpid())));
}

}  // namespace
}  // namespace l3link
