// The file under a simulated chip's arena: STATE/chips/N/arena, a MappedFile whose loss under the mapping is noticed.
//
// Owned by SimPlatform; called by ChipWorker under its lock. Removed again on destruction unless it is kept for the next
// daemon.
#ifndef L3LINK_BACKENDS_SIM_ARENA_FILE_H_
#define L3LINK_BACKENDS_SIM_ARENA_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/sim/arena_fault.h"
#include "backends/state/mapped_file.h"

namespace l3link {

class ArenaFile {
 public:
  // As MappedFile's.
  static absl::StatusOr<std::unique_ptr<ArenaFile>> Create(const std::string& path, uint64_t bytes);
  static absl::StatusOr<std::unique_ptr<ArenaFile>> Open(const std::string& path);
  ~ArenaFile();

  absl::Span<std::byte> memory() const { return file_->memory(); }
  absl::Status Commit(uint64_t offset, uint64_t bytes) { return file_->Commit(offset, bytes); }
  void Decommit(uint64_t offset, uint64_t bytes) { file_->Decommit(offset, bytes); }
  void Keep(bool keep) { kept_ = keep; }

  // Empty while the file is whole and in its place.
  std::string Fault() const;
  const std::atomic<bool>* fault_flag() const { return watch_->flag(); }

 private:
  ArenaFile(std::unique_ptr<MappedFile> file, std::unique_ptr<ArenaFaultWatch> watch)
      : file_(std::move(file)), watch_(std::move(watch)) {}
  static absl::StatusOr<std::unique_ptr<ArenaFile>> Watch(absl::StatusOr<std::unique_ptr<MappedFile>> file);

  std::unique_ptr<MappedFile> file_;
  std::unique_ptr<ArenaFaultWatch> watch_;  // ends before the mapping
  bool kept_ = false;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_ARENA_FILE_H_
