#include "backends/state/file_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace l3link {
namespace {

// What a squatter may have put there: a link, a device, another user's file.
absl::Status CheckOurs(const struct stat& file, const std::string& path) {
  if (!S_ISREG(file.st_mode))
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file; remove it"));
  if (file.st_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": owned by uid ", file.st_uid, ", not by ours (", geteuid(), "); remove it"));
  }
  if (file.st_nlink > 1) return absl::FailedPreconditionError(absl::StrCat(path, ": has hard links; remove it"));
  return absl::OkStatus();
}

// How long a lock may outlive its holder, whom the kernel is still clearing away; and how often it is tried meanwhile.
constexpr absl::Duration kOutlives = absl::Seconds(2);
constexpr absl::Duration kTryAgain = absl::Milliseconds(5);

// What the holder wrote; empty: nothing yet.
std::string PidOf(int fd) {
  char text[32] = {};
  if (pread(fd, text, sizeof(text) - 1, 0) <= 0) return "";
  return std::string(absl::StripAsciiWhitespace(text));
}

bool IsDead(const std::string& pid) {
  int number = 0;
  return absl::SimpleAtoi(pid, &number) && number > 0 && kill(number, 0) != 0 && errno == ESRCH;
}

// Whether the locked file is still the one at the path: its last holder may have removed it meanwhile.
bool StillThere(int fd, const std::string& path) {
  struct stat mine, there;
  return fstat(fd, &mine) == 0 && lstat(path.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
         mine.st_ino == there.st_ino;
}

}  // namespace

absl::Status PathError(const std::string& doing, const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat(doing, " ", path));
}

absl::StatusOr<FileLock> FileLock::Take(const std::string& path, const std::string& what) {
  absl::Duration waited;
  while (true) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ELOOP) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": a symbolic link, which is not followed; remove it"));
    }
    if (fd < 0) return PathError("cannot open", path, errno);
    auto close_fd = absl::MakeCleanup([fd] { close(fd); });
    struct stat file;
    if (fstat(fd, &file) != 0) return PathError("cannot look at", path, errno);
    if (file.st_nlink == 0) continue;  // removed between the two calls
    absl::Status ours = CheckOurs(file, path);
    if (!ours.ok()) return ours;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return PathError("cannot lock", path, errno);
      const std::string pid = PidOf(fd);
      if (IsDead(pid) && waited < kOutlives) {
        absl::SleepFor(kTryAgain);
        waited += kTryAgain;
        continue;
      }
      const std::string holder = pid.empty() ? "another process" : absl::StrCat("l3linkd with pid ", pid);
      return absl::AlreadyExistsError(absl::StrCat(what, " is in use by ", holder, " (lock ", path, ")"));
    }
    if (!StillThere(fd, path)) continue;
    const std::string pid = absl::StrCat(getpid(), "\n");
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
      return PathError("cannot write", path, errno);
    }
    std::move(close_fd).Cancel();
    return FileLock(path, fd);
  }
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  unlink(path_.c_str());  // while it is locked: nobody else can hold it
  close(fd_);
}

}  // namespace l3link
