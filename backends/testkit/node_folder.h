// Where a test's node keeps all of its files; gone with it. Owned by Node.
#ifndef L3LINK_BACKENDS_TESTKIT_NODE_FOLDER_H_
#define L3LINK_BACKENDS_TESTKIT_NODE_FOLDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "backends/state/file_lock.h"

namespace l3link::testkit {

class NodeFolder {
 public:
  // A fresh one in memory; what tests that were killed have left is removed.
  static absl::StatusOr<std::unique_ptr<NodeFolder>> Make();
  ~NodeFolder();

  NodeFolder(const NodeFolder&) = delete;
  NodeFolder& operator=(const NodeFolder&) = delete;

  std::string state_dir() const { return path_ + "/state"; }
  std::string unix_path() const { return path_ + "/l3linkd.sock"; }
  std::string ready_path() const { return path_ + "/ready"; }
  std::string log_path() const { return path_ + "/log"; }
  std::string arena_path(uint32_t worker_id) const { return ChipFile(worker_id, "arena"); }
  std::string chip_log_path(uint32_t worker_id) const { return ChipFile(worker_id, "chip.log"); }

 private:
  NodeFolder(std::string path, FileLock lock)
      : path_(std::move(path)), lock_(std::make_unique<FileLock>(std::move(lock))) {}
  std::string ChipFile(uint32_t worker_id, const char* name) const {
    return state_dir() + "/chips/" + std::to_string(worker_id) + "/" + name;
  }

  const std::string path_;
  std::unique_ptr<FileLock> lock_;
};

// The whole of a file; empty where there is none.
std::string TextOf(const std::string& path);
// The last `lines` lines, each after a line break and two blanks; empty for no text.
std::string LastWords(const std::string& text, int lines);

}  // namespace l3link::testkit

#endif  // L3LINK_BACKENDS_TESTKIT_NODE_FOLDER_H_
