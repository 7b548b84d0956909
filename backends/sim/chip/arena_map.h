// The arena's file, mapped whole by a simulated chip, and the lock that keeps a second chip away from it.
//
// Used by main.cc on its one thread. The node makes the file; the chip only waits for it. Unmaps and unlocks on destruction.
#ifndef L3LINK_BACKENDS_SIM_CHIP_ARENA_MAP_H_
#define L3LINK_BACKENDS_SIM_CHIP_ARENA_MAP_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace l3link {

// An exclusive lock for the life of the process. The file stays behind: removing it would let two chips lock two files.
class ArenaLock {
 public:
  ArenaLock() = default;
  ArenaLock(ArenaLock&& other) : fd_(other.fd_) { other.fd_ = -1; }
  ~ArenaLock();

  // ALREADY_EXISTS when another chip holds it; its message names that chip's process.
  static absl::StatusOr<ArenaLock> Acquire(const std::string& path);

 private:
  explicit ArenaLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

class ArenaMap {
 public:
  ~ArenaMap();

  // NOT_FOUND: no such file, or it is still shorter than a header: try again. Others: it cannot be mapped.
  static absl::StatusOr<std::unique_ptr<ArenaMap>> Open(const std::string& path);

  absl::Span<std::byte> memory() const { return memory_; }

  // Whether the path now names another file, or the same one was made anew: what is mapped here is nobody's any more.
  bool Replaced() const;

 private:
  ArenaMap(std::string path, absl::Span<std::byte> memory, dev_t device, ino_t inode);

  const std::string path_;
  const absl::Span<std::byte> memory_;
  const dev_t device_;
  const ino_t inode_;
  uint64_t generation_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_ARENA_MAP_H_
