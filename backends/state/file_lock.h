// A lock file that one process holds, with its pid inside: two daemons must not share a state directory or a socket path.
//
// The file is opened without following links, must be a regular file of ours alone, and is removed by the holder's end.
#ifndef L3LINK_BACKENDS_STATE_FILE_LOCK_H_
#define L3LINK_BACKENDS_STATE_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace l3link {

class FileLock {
 public:
  // Waits for nobody who lives, and up to 2 s for the lock of a holder who has died. `what` is what is locked, for the message: "state directory /run/l3link".
  static absl::StatusOr<FileLock> Take(const std::string& path, const std::string& what);

  FileLock(FileLock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

// An error about a path, with errno's text: "cannot create /x: Permission denied".
absl::Status PathError(const std::string& doing, const std::string& path, int error);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_FILE_LOCK_H_
