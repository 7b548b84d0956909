#include "backends/state/mapped_file.h"

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
#include "backends/state/private_folder.h"

namespace l3link {

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Map(const std::string& path, int fd, uint64_t bytes) {
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (base == MAP_FAILED) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot map ", path, " of ", bytes, " bytes"));
  }
  return std::unique_ptr<MappedFile>(new MappedFile(path, fd, absl::MakeSpan(static_cast<std::byte*>(base), bytes)));
}

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Create(const std::string& path, uint64_t bytes) {
  absl::Status status = RemovePrivateFile(path);
  if (!status.ok()) return status;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  absl::Cleanup undo = [&] {
    close(fd);
    unlink(path.c_str());
  };
  if (ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path, " of ", bytes, " bytes"));
  }
  absl::StatusOr<std::unique_ptr<MappedFile>> file = Map(path, fd, bytes);
  if (file.ok()) std::move(undo).Cancel();
  return file;
}

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no ", path));
  if (fd < 0) {
    struct stat found;
    const int error = errno;
    if (lstat(path.c_str(), &found) == 0) {
      absl::Status status = CheckPrivateFile(found, path);
      if (!status.ok()) return status;
    }
    return absl::ErrnoToStatus(error, absl::StrCat("cannot open ", path));
  }
  absl::Cleanup undo = [&] { close(fd); };
  struct stat found;
  if (fstat(fd, &found) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  absl::Status status = CheckPrivateFile(found, path);
  if (!status.ok()) return status;
  if (found.st_size == 0) return absl::NotFoundError(absl::StrCat(path, " is empty"));
  absl::StatusOr<std::unique_ptr<MappedFile>> file = Map(path, fd, static_cast<uint64_t>(found.st_size));
  if (file.ok()) std::move(undo).Cancel();
  return file;
}

MappedFile::~MappedFile() {
  munmap(memory_.data(), memory_.size());
  close(fd_);
}

void MappedFile::Remove() {
  struct stat ours, there;
  if (fstat(fd_, &ours) == 0 && lstat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
      ours.st_dev == there.st_dev) {
    unlink(path_.c_str());
  }
}

absl::Status MappedFile::Commit(uint64_t offset, uint64_t bytes) {
  // Somebody may have scribbled where nothing was: begin with zeros.
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

void MappedFile::Decommit(uint64_t offset, uint64_t bytes) {
  if (fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                static_cast<off_t>(bytes)) == 0) {
    return;
  }
  if (errno == EOPNOTSUPP) std::memset(memory_.data() + offset, 0, bytes);  // not tmpfs: at least zero again
}

std::string MappedFile::Fault() const {
  struct stat now;
  if (fstat(fd_, &now) != 0) return absl::StrCat("cannot look at ", path_, ": ", strerror(errno));
  if (static_cast<uint64_t>(now.st_size) < memory_.size()) {
    return absl::StrCat(path_, " was truncated to ", now.st_size, " of ", memory_.size(), " bytes");
  }
  if (now.st_nlink == 0) return absl::StrCat(path_, " was removed");
  return "";
}

}  // namespace l3link
