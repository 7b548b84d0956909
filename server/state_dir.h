// The state directory: ours alone, locked, and what lies in it. Used by main, on its thread.
#ifndef L3LINK_SERVER_STATE_DIR_H_
#define L3LINK_SERVER_STATE_DIR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backends/state/file_lock.h"

namespace l3link {

class StateDir {
 public:
  // Creates it with mode 0700 when it is not there (its parent is). A symbolic link, another owner or a mode that lets
  // others in is refused with the path and the reason, and so is a directory that another daemon has locked.
  static absl::StatusOr<StateDir> Open(const std::string& path);

  const std::string& path() const { return path_; }
  // Whether it is in memory. Elsewhere the arenas' pages are written to a disk now and then.
  bool in_memory() const { return in_memory_; }
  uint64_t free_bytes() const { return free_bytes_; }

 private:
  StateDir(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileLock lock_;
  bool in_memory_ = false;
  uint64_t free_bytes_ = 0;
};

// The right to serve on a unix socket path: its lock, and no stale socket in the way.
class SocketPath {
 public:
  // Something at `path` that is no socket is refused.
  static absl::StatusOr<SocketPath> Take(const std::string& path);
  // Removes the socket.
  ~SocketPath();
  SocketPath(SocketPath&&) = default;

 private:
  SocketPath(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;  // empty when moved away
  FileLock lock_;
};

// Removes a file that an earlier run left; nothing there is well too, and something else than a regular file an error.
absl::Status RemoveLeftover(const std::string& path);

// Replaces `path` as one step: readers see the whole text or what was there before.
absl::Status WriteAtomically(const std::string& path, const std::string& text);

}  // namespace l3link

#endif  // L3LINK_SERVER_STATE_DIR_H_
