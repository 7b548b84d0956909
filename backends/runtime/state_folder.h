// Where a device context keeps its arena: a folder that the caller names, or a fresh one that goes with the context.
//
// Owned by DeviceContext. Locked for its life, so that no other context and no daemon works on the same files.
#ifndef L3LINK_BACKENDS_RUNTIME_STATE_FOLDER_H_
#define L3LINK_BACKENDS_RUNTIME_STATE_FOLDER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "backends/state/file_lock.h"

namespace l3link {

class StateFolder {
 public:
  // `asked`: made where it is not there; empty: a fresh one in /dev/shm, or else in the folder for temporary files. What
  // processes that were killed left of such fresh ones is removed. FAILED_PRECONDITION: in use, or a daemon's journal is kept
  // there, which this would make useless.
  static absl::StatusOr<std::unique_ptr<StateFolder>> Open(const std::string& asked);
  ~StateFolder();

  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  StateFolder(std::string path, bool ours, FileLock lock)
      : path_(std::move(path)), ours_(ours), lock_(std::make_unique<FileLock>(std::move(lock))) {}

  const std::string path_;
  const bool ours_;  // to remove
  std::unique_ptr<FileLock> lock_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_STATE_FOLDER_H_
