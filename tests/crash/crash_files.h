// A chip's arena and journal as a daemon has them: two real files, mapped, and a platform that backs their pages.
//
// Used by all crash tests, on one thread. A child of this process that writes to them writes to the same files; what it leaves
// when it dies is what is there.
#ifndef L3LINK_TESTS_CRASH_CRASH_FILES_H_
#define L3LINK_TESTS_CRASH_CRASH_FILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/types/span.h"
#include "backends/platform.h"
#include "backends/state/journal_memory.h"
#include "backends/state/mapped_file.h"

namespace l3link {

constexpr uint64_t kArenaBytes = 256 << 10;
// Less than a daemon would take: every byte of it is looked at after every instruction.
constexpr uint64_t kJournalBytes = 256 << 10;
constexpr uint32_t kMaxObjects = 8;

// What both files hold at one instant.
struct Image {
  std::string arena;
  std::string journal;

  bool operator==(const Image&) const = default;
};

class CrashFiles final : public Platform {
 public:
  // New files of zeros, in a folder of their own that goes with this object.
  CrashFiles();
  // Those of `other` once more, opened and mapped as another process would; they stay the other's.
  explicit CrashFiles(const CrashFiles& other);
  ~CrashFiles() override;

  absl::Span<std::byte> arena() const { return arena_->memory(); }
  absl::Span<std::byte> journal() const { return journal_->memory(); }
  JournalSpace* journal_space() const { return journal_.get(); }

  Image Take() const;
  void Put(const Image& image);

  const PlatformTraits& traits() const override { return traits_; }
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t) override { return arena(); }
  absl::Status Commit(uint64_t offset, uint64_t bytes) override { return arena_->Commit(offset, bytes); }
  void Decommit(uint64_t offset, uint64_t bytes) override { arena_->Decommit(offset, bytes); }
  absl::Status StartChip() override { return absl::OkStatus(); }
  void StopChip() override {}
  ChipPresence Presence() override { return {}; }
  void WakeChip(uint32_t*) override {}
  void AwaitBell(uint32_t*, uint32_t, absl::Duration) override {}

 private:
  const std::string folder_;
  const bool ours_;
  PlatformTraits traits_;
  std::unique_ptr<MappedFile> arena_;
  std::unique_ptr<JournalMemory> journal_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_CRASH_FILES_H_
