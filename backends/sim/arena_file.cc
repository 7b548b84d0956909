#include "backends/sim/arena_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

absl::Status Distrust(const std::string& path, absl::string_view why) {
  return absl::PermissionDeniedError(absl::StrCat(path, ": ", why, "; remove it, or choose another --state-dir"));
}

// What lies in the way of a new file; nothing when the place is free.
absl::Status RemoveOld(const std::string& path) {
  struct stat old;
  if (lstat(path.c_str(), &old) != 0) {
    return errno == ENOENT ? absl::OkStatus() : absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  }
  if (S_ISLNK(old.st_mode)) return Distrust(path, "is a symbolic link");
  if (!S_ISREG(old.st_mode)) return Distrust(path, "is not a regular file");
  if (old.st_uid != geteuid()) return Distrust(path, absl::StrCat("belongs to user ", old.st_uid));
  if (old.st_nlink != 1) return Distrust(path, "has a second hard link");
  if (unlink(path.c_str()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove the old ", path));
  return absl::OkStatus();
}

absl::Status CheckFolder(const std::string& path) {
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  if (S_ISLNK(found.st_mode)) return Distrust(path, "is a symbolic link");
  if (!S_ISDIR(found.st_mode)) return Distrust(path, "is not a folder");
  if (found.st_uid != geteuid()) return Distrust(path, absl::StrCat("belongs to user ", found.st_uid));
  if ((found.st_mode & 022) != 0) return Distrust(path, "may be written by others");
  return absl::OkStatus();
}

}  // namespace

absl::Status MakePrivateFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return CheckFolder(path);
  const size_t slash = path.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make folder ", path));
  }
  absl::Status status = MakePrivateFolder(path.substr(0, slash));
  if (!status.ok()) return status;
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make folder ", path));
  }
  return CheckFolder(path);
}

ArenaFile::ArenaFile(std::string path, int fd, absl::Span<std::byte> memory, std::unique_ptr<ArenaFaultWatch> watch)
    : path_(std::move(path)), fd_(fd), memory_(memory), watch_(std::move(watch)) {}

absl::StatusOr<std::unique_ptr<ArenaFile>> ArenaFile::Create(const std::string& path, uint64_t bytes) {
  absl::Status status = RemoveOld(path);
  if (!status.ok()) return status;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make arena ", path));
  absl::Cleanup undo = [&] {
    close(fd);
    unlink(path.c_str());
  };
  if (ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make arena ", path, " of ", bytes, " bytes"));
  }
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (base == MAP_FAILED) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot map arena ", path, " of ", bytes, " bytes"));
  }
  const absl::Span<std::byte> memory(static_cast<std::byte*>(base), bytes);
  absl::StatusOr<std::unique_ptr<ArenaFaultWatch>> watch = ArenaFaultWatch::Start(memory);
  if (!watch.ok()) {
    munmap(base, bytes);
    return watch.status();
  }
  std::move(undo).Cancel();
  return std::unique_ptr<ArenaFile>(new ArenaFile(path, fd, memory, *std::move(watch)));
}

ArenaFile::~ArenaFile() {
  struct stat ours, there;
  if (fstat(fd_, &ours) == 0 && lstat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
      ours.st_dev == there.st_dev) {
    unlink(path_.c_str());
  }
  watch_.reset();
  munmap(memory_.data(), memory_.size());
  close(fd_);
}

absl::Status ArenaFile::Commit(uint64_t offset, uint64_t bytes) {
  // A chip may have scribbled where no object was: begin with zeros.
  fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  const int error = posix_fallocate(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  if (error == 0) return absl::OkStatus();
  Decommit(offset, bytes);
  if (error != ENOSPC && error != EDQUOT) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot take ", bytes, " bytes for ", path_));
  }
  struct statvfs space = {};
  fstatvfs(fd_, &space);
  const uint64_t available = uint64_t{space.f_bavail} * space.f_frsize;
  return Refuse(Reason::kSTATE_SPACE_FULL,
                absl::StrCat(path_, ": ", bytes, " bytes more are needed, its file system has ", available, " left"),
                {{"path", path_}, {"needed_bytes", absl::StrCat(bytes)}, {"available_bytes", absl::StrCat(available)}});
}

void ArenaFile::Decommit(uint64_t offset, uint64_t bytes) {
  if (fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                static_cast<off_t>(bytes)) == 0) {
    return;
  }
  if (errno == EOPNOTSUPP) std::memset(memory_.data() + offset, 0, bytes);  // not tmpfs: at least zero again
}

std::string ArenaFile::Fault() const {
  struct stat now;
  if (fstat(fd_, &now) != 0) return absl::StrCat("cannot look at arena ", path_, ": ", strerror(errno));
  if (static_cast<uint64_t>(now.st_size) < memory_.size()) {
    return absl::StrCat("arena ", path_, " was truncated to ", now.st_size, " of ", memory_.size(), " bytes");
  }
  if (now.st_nlink == 0) return absl::StrCat("arena ", path_, " was removed");
  if (watch_->flag()->load(std::memory_order_acquire)) return absl::StrCat("memory of arena ", path_, " was lost");
  return "";
}

}  // namespace l3link
