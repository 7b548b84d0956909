// The file under a simulated chip's arena: STATE/chips/N/arena, sparse, mapped whole, backed page by page.
//
// Owned by SimPlatform; called by ChipWorker under its lock. Made anew each time: an older file is removed, so that whoever
// still maps it hurts nobody. Removed again on destruction.
#ifndef L3LINK_BACKENDS_SIM_ARENA_FILE_H_
#define L3LINK_BACKENDS_SIM_ARENA_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/sim/arena_fault.h"

namespace l3link {

// A folder that is ours alone, mode 0700, made where it is not there; its parents too. Refuses symbolic links, other owners
// and folders that others may write, with the path and the reason.
absl::Status MakePrivateFolder(const std::string& path);

class ArenaFile {
 public:
  // In an existing private folder. Refuses a path that is a link, a folder, somebody else's, or linked twice.
  static absl::StatusOr<std::unique_ptr<ArenaFile>> Create(const std::string& path, uint64_t bytes);
  ~ArenaFile();

  absl::Span<std::byte> memory() const { return memory_; }

  // STATE_SPACE_FULL when the file system has no room.
  absl::Status Commit(uint64_t offset, uint64_t bytes);
  void Decommit(uint64_t offset, uint64_t bytes);

  // Empty while the file is whole and in its place.
  std::string Fault() const;
  const std::atomic<bool>* fault_flag() const { return watch_->flag(); }

 private:
  ArenaFile(std::string path, int fd, absl::Span<std::byte> memory, std::unique_ptr<ArenaFaultWatch> watch);

  const std::string path_;
  const int fd_;
  const absl::Span<std::byte> memory_;
  std::unique_ptr<ArenaFaultWatch> watch_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_ARENA_FILE_H_
