#include "server/state_dir.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link {
namespace {

absl::Status CheckPrivate(int fd, const std::string& path) {
  struct stat dir;
  if (fstat(fd, &dir) != 0) return PathError("cannot look at state directory", path, errno);
  if (dir.st_uid != geteuid()) {
    return absl::FailedPreconditionError(absl::StrCat("state directory ", path, ": owned by uid ", dir.st_uid,
                                                      ", not by ours (", geteuid(), "); give another --state-dir"));
  }
  if ((dir.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrFormat("state directory %s: mode %04o lets others in; chmod 0700 %s",
                                                         path, dir.st_mode & 07777, path));
  }
  return absl::OkStatus();
}

absl::Status CheckReplaceable(const std::string& path) {
  struct stat there;
  if (lstat(path.c_str(), &there) != 0 || S_ISREG(there.st_mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file; it would be replaced"));
}

}  // namespace

absl::StatusOr<StateDir> StateDir::Open(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return PathError("cannot create state directory", path, errno);
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
    return absl::FailedPreconditionError(
        absl::StrCat("state directory ", path, ": a symbolic link or no directory; give another --state-dir"));
  }
  if (fd < 0) return PathError("cannot open state directory", path, errno);
  auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  absl::Status ours = CheckPrivate(fd, path);
  if (!ours.ok()) return ours;
  absl::StatusOr<FileLock> lock = FileLock::Take(path + "/l3linkd.lock", absl::StrCat("state directory ", path));
  if (!lock.ok()) return lock.status();
  StateDir state(path, *std::move(lock));
  struct statfs fs;
  if (fstatfs(fd, &fs) != 0) return PathError("cannot look at the file system of", path, errno);
  state.in_memory_ = fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC || fs.f_type == HUGETLBFS_MAGIC;
  state.free_bytes_ = static_cast<uint64_t>(fs.f_bavail) * static_cast<uint64_t>(fs.f_bsize);
  return state;
}

absl::StatusOr<SocketPath> SocketPath::Take(const std::string& path) {
  absl::StatusOr<FileLock> lock = FileLock::Take(path + ".lock", absl::StrCat("unix socket ", path));
  if (!lock.ok()) return lock.status();
  struct stat there;
  if (lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": something else than a socket is there; give another --unix"));
    }
    if (unlink(path.c_str()) != 0) return PathError("cannot remove stale socket", path, errno);
  }
  return SocketPath(path, *std::move(lock));
}

SocketPath::~SocketPath() {
  if (!path_.empty()) unlink(path_.c_str());
}

absl::Status RemoveLeftover(const std::string& path) {
  absl::Status status = CheckReplaceable(path);
  if (!status.ok()) return status;
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return PathError("cannot remove the old", path, errno);
  return absl::OkStatus();
}

absl::Status WriteAtomically(const std::string& path, const std::string& text) {
  absl::Status status = CheckReplaceable(path);
  if (!status.ok()) return status;
  const std::string next = absl::StrCat(path, ".", getpid());
  const int fd = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return PathError("cannot create", next, errno);
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  close(fd);
  if (!written) return PathError("cannot write", next, error);
  if (rename(next.c_str(), path.c_str()) != 0) return PathError("cannot put in place", path, errno);
  return absl::OkStatus();
}

}  // namespace l3link
