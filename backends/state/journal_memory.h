// Memory for a chip's journal: a private file that the next daemon finds again, or memory of this process alone.
#ifndef L3LINK_BACKENDS_STATE_JOURNAL_MEMORY_H_
#define L3LINK_BACKENDS_STATE_JOURNAL_MEMORY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/state/mapped_file.h"

namespace l3link {

class JournalMemory : public JournalSpace {
 public:
  // As MappedFile's.
  static absl::StatusOr<std::unique_ptr<JournalMemory>> Create(const std::string& path, uint64_t bytes);
  static absl::StatusOr<std::unique_ptr<JournalMemory>> Open(const std::string& path);
  // Ends with this object.
  static absl::StatusOr<std::unique_ptr<JournalMemory>> Anonymous(uint64_t bytes);
  ~JournalMemory() override;

  absl::Span<std::byte> memory() const { return memory_; }
  // Its file, if it has one, from its path.
  void Remove() {
    if (file_ != nullptr) file_->Remove();
  }
  absl::Status Commit(uint64_t offset, uint64_t bytes) override;
  void Decommit(uint64_t offset, uint64_t bytes) override;

 private:
  JournalMemory(std::unique_ptr<MappedFile> file, absl::Span<std::byte> memory)
      : file_(std::move(file)), memory_(memory) {}

  const std::unique_ptr<MappedFile> file_;  // null: anonymous
  const absl::Span<std::byte> memory_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_JOURNAL_MEMORY_H_
