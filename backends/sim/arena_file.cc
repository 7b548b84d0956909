#include "backends/sim/arena_file.h"

#include "absl/strings/str_cat.h"

namespace l3link {

absl::StatusOr<std::unique_ptr<ArenaFile>> ArenaFile::Watch(absl::StatusOr<std::unique_ptr<MappedFile>> file) {
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<ArenaFaultWatch>> watch = ArenaFaultWatch::Start((*file)->memory());
  if (!watch.ok()) return watch.status();
  return std::unique_ptr<ArenaFile>(new ArenaFile(*std::move(file), *std::move(watch)));
}

absl::StatusOr<std::unique_ptr<ArenaFile>> ArenaFile::Create(const std::string& path, uint64_t bytes) {
  return Watch(MappedFile::Create(path, bytes));
}

absl::StatusOr<std::unique_ptr<ArenaFile>> ArenaFile::Open(const std::string& path) {
  return Watch(MappedFile::Open(path));
}

ArenaFile::~ArenaFile() {
  if (!kept_) file_->Remove();
  watch_.reset();
}

std::string ArenaFile::Fault() const {
  std::string fault = file_->Fault();
  if (!fault.empty()) return absl::StrCat("arena ", fault);
  if (watch_->flag()->load(std::memory_order_acquire))
    return absl::StrCat("memory of arena ", file_->path(), " was lost");
  return "";
}

}  // namespace l3link
