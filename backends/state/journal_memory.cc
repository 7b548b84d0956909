#include "backends/state/journal_memory.h"

#include <sys/mman.h>

#include <cerrno>

namespace l3link {

absl::StatusOr<std::unique_ptr<JournalMemory>> JournalMemory::Create(const std::string& path, uint64_t bytes) {
  absl::StatusOr<std::unique_ptr<MappedFile>> file = MappedFile::Create(path, bytes);
  if (!file.ok()) return file.status();
  const absl::Span<std::byte> memory = (*file)->memory();
  return std::unique_ptr<JournalMemory>(new JournalMemory(*std::move(file), memory));
}

absl::StatusOr<std::unique_ptr<JournalMemory>> JournalMemory::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<MappedFile>> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  const absl::Span<std::byte> memory = (*file)->memory();
  return std::unique_ptr<JournalMemory>(new JournalMemory(*std::move(file), memory));
}

absl::StatusOr<std::unique_ptr<JournalMemory>> JournalMemory::Anonymous(uint64_t bytes) {
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return absl::ErrnoToStatus(errno, "cannot map memory for a journal");
  return std::unique_ptr<JournalMemory>(
      new JournalMemory(nullptr, absl::MakeSpan(static_cast<std::byte*>(base), bytes)));
}

JournalMemory::~JournalMemory() {
  if (file_ == nullptr) munmap(memory_.data(), memory_.size());
}

absl::Status JournalMemory::Commit(uint64_t offset, uint64_t bytes) {
  return file_ == nullptr ? absl::OkStatus() : file_->Commit(offset, bytes);
}

void JournalMemory::Decommit(uint64_t offset, uint64_t bytes) {
  if (file_ != nullptr) return file_->Decommit(offset, bytes);
  madvise(memory_.data() + offset, bytes, MADV_DONTNEED);  // zero at the next touch
}

}  // namespace l3link
