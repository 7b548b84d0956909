#include "backends/sim/chip/arena_map.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "backends/abi/arena_layout.h"

namespace l3link {
namespace {

// The node looks whether a chip is there by taking the lock for a moment: not to be mistaken for another chip.
constexpr int kLockTries = 10;
constexpr int kLockPauseUs = 20'000;

uint64_t GenerationOf(absl::Span<std::byte> memory) {
  const auto* header = reinterpret_cast<const l3_arena_header*>(memory.data());
  return l3_load_relaxed_u64(&header->identity.generation);
}

}  // namespace

ArenaLock::~ArenaLock() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<ArenaLock> ArenaLock::Acquire(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open lock ", path));
  ArenaLock lock(fd);
  int locked = flock(fd, LOCK_EX | LOCK_NB);
  for (int tries = 0; locked != 0 && errno == EWOULDBLOCK && tries < kLockTries; ++tries) {
    usleep(kLockPauseUs);
    locked = flock(fd, LOCK_EX | LOCK_NB);
  }
  if (locked != 0) {
    if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", path));
    char holder[24] = {};
    const ssize_t read_bytes = pread(fd, holder, sizeof(holder) - 1, 0);
    return absl::AlreadyExistsError(absl::StrCat("another chip runs on this arena: ", path, " is locked",
                                                 read_bytes > 0 ? absl::StrCat(" by process ", holder) : ""));
  }
  const std::string pid = absl::StrCat(getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write lock ", path));
  return lock;
}

ArenaMap::ArenaMap(std::string path, absl::Span<std::byte> memory, dev_t device, ino_t inode)
    : path_(std::move(path)), memory_(memory), device_(device), inode_(inode), generation_(GenerationOf(memory)) {}

ArenaMap::~ArenaMap() { munmap(memory_.data(), memory_.size()); }

absl::StatusOr<std::unique_ptr<ArenaMap>> ArenaMap::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open arena ", path));
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat status;
  if (fstat(fd, &status) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot stat arena ", path));
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a regular file"));
  if (status.st_size < static_cast<off_t>(sizeof(l3_arena_header)))
    return absl::NotFoundError(absl::StrCat("arena ", path, " has only ", status.st_size, " bytes"));
  void* base = mmap(nullptr, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return absl::ErrnoToStatus(errno, absl::StrCat("cannot map arena ", path));
  return std::unique_ptr<ArenaMap>(
      new ArenaMap(path, absl::MakeSpan(static_cast<std::byte*>(base), status.st_size), status.st_dev, status.st_ino));
}

bool ArenaMap::Replaced() const {
  struct stat status;
  if (stat(path_.c_str(), &status) != 0) return false;  // removed: perhaps about to come back; the orphan's ttl decides
  return status.st_dev != device_ || status.st_ino != inode_ || GenerationOf(memory_) != generation_;
}

}  // namespace l3link
