// For tests: an arena and its journal in this process's private memory, which fails where it is told to, and a chip side on the
// same thread.
#ifndef L3LINK_BACKENDS_HOST_TESTING_MEMORY_PLATFORM_H_
#define L3LINK_BACKENDS_HOST_TESTING_MEMORY_PLATFORM_H_

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "backends/abi/chip.h"
#include "backends/host/arena_header.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/host/object_table.h"
#include "backends/host/refusal.h"
#include "backends/platform.h"

namespace l3link {

// Zeroed pages between two that nobody can touch; empty where there is no room.
class GuardedPages {
 public:
  explicit GuardedPages(uint64_t bytes) : all_bytes_(bytes + 2 * L3_PAGE_BYTES) {
    void* base = mmap(nullptr, all_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return;
    all_ = static_cast<std::byte*>(base);
    if (mprotect(all_ + L3_PAGE_BYTES, bytes, PROT_READ | PROT_WRITE) != 0) std::abort();
    memory_ = absl::MakeSpan(all_ + L3_PAGE_BYTES, bytes);
  }
  ~GuardedPages() {
    if (all_ != nullptr) munmap(all_, all_bytes_);
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;

  absl::Span<std::byte> memory() const { return memory_; }

 private:
  const uint64_t all_bytes_;
  std::byte* all_ = nullptr;
  absl::Span<std::byte> memory_;
};

class MemoryPlatform : public Platform {
 public:
  const PlatformTraits& traits() const override { return traits_; }
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t bytes) override {
    guarded_ = std::make_unique<GuardedPages>(bytes);
    memory_ = guarded_->memory();
    if (memory_.empty()) return absl::ResourceExhaustedError("mmap");
    pages_.resize(bytes / L3_PAGE_BYTES);
    return memory_;
  }
  absl::Status Commit(uint64_t offset, uint64_t bytes) override {
    if (commits_left-- <= 0) return Refuse(Reason::kSTATE_SPACE_FULL, "told to fail");
    SetPages(offset, bytes, true);
    return absl::OkStatus();
  }
  void Decommit(uint64_t offset, uint64_t bytes) override {
    SetPages(offset, bytes, false);
    madvise(memory_.data() + offset, bytes, MADV_DONTNEED);  // private memory: zero at the next touch
  }
  absl::Status StartChip() override { return absl::OkStatus(); }
  void StopChip() override {}
  ChipPresence Presence() override { return {}; }
  void WakeChip(uint32_t*) override {}
  void AwaitBell(uint32_t*, uint32_t, absl::Duration) override {}

  int64_t commits_left = INT64_MAX;  // then Commit fails
  uint64_t committed = 0;

  PlatformTraits& mutable_traits() { return traits_; }
  absl::Span<std::byte> memory() const { return memory_; }

 private:
  void SetPages(uint64_t offset, uint64_t bytes, bool backed) {
    for (uint64_t page = offset / L3_PAGE_BYTES; page < (offset + bytes) / L3_PAGE_BYTES; ++page) {
      if (pages_[page] != backed) committed += backed ? L3_PAGE_BYTES : -uint64_t{L3_PAGE_BYTES};
      pages_[page] = backed;
    }
  }

  PlatformTraits traits_;
  std::unique_ptr<GuardedPages> guarded_;
  absl::Span<std::byte> memory_;
  std::vector<bool> pages_;  // backed or not
};

// Memory that is all there, and counts what is asked for.
class MemoryJournal : public JournalSpace {
 public:
  MemoryJournal(uint64_t arena_bytes, uint32_t max_objects)
      : guarded_(ChipJournal::BytesFor(arena_bytes, max_objects)) {
    if (memory().empty()) std::abort();
  }

  absl::Status Commit(uint64_t, uint64_t bytes) override {
    if (commits_left-- <= 0) return Refuse(Reason::kSTATE_SPACE_FULL, "told to fail");
    committed += bytes;
    return absl::OkStatus();
  }
  void Decommit(uint64_t offset, uint64_t bytes) override {
    committed -= bytes;
    madvise(memory().data() + offset, bytes, MADV_DONTNEED);
  }
  absl::Span<std::byte> memory() { return guarded_.memory(); }

  int64_t commits_left = INT64_MAX;
  uint64_t committed = 0;

 private:
  const GuardedPages guarded_;
};

// An initialised arena with its table, and chips attached to it.
class TestArena {
 public:
  explicit TestArena(uint64_t bytes = 64 << 20, uint32_t max_objects = 64) : journal_memory(bytes, max_objects) {
    limits.max_objects = max_objects;
    memory = *platform.MapArena(bytes);
    ArenaIdentity identity;
    identity.directory_capacity = max_objects;
    InitArena(memory, identity);
    journal = std::make_unique<ChipJournal>(journal_memory.memory(), &journal_memory);
    JournalIdentity journal_identity = {};
    journal_identity.max_objects = max_objects;
    if (!journal->Init(journal_identity).ok()) std::abort();
    MakeTable();
  }

  // The daemon dies, with no more said than was, and another one takes over.
  absl::Status Restart() {
    table.reset();
    journal = std::make_unique<ChipJournal>(journal_memory.memory(), &journal_memory);
    const absl::Status status = journal->Open();
    MakeTable();
    return status.ok() ? table->Recover() : status;
  }

  // A chip program that attaches now.
  l3_chip Attach() {
    l3_platform chip_platform = {};
    chip_platform.now_us = [](void*) -> uint64_t { return 1; };
    chip_platform.shared_rmw = 1;
    l3_chip chip = {};
    if (l3_attach(&chip, memory.data(), memory.size(), &chip_platform) != L3_OK) std::abort();
    return chip;
  }

  ObjectLimits limits;
  MemoryPlatform platform;
  absl::Span<std::byte> memory;
  int wakes = 0;
  MemoryJournal journal_memory;
  std::unique_ptr<ChipJournal> journal;
  std::unique_ptr<HostBell> bell;
  std::unique_ptr<ObjectTable> table;

 private:
  void MakeTable() {
    bell = std::make_unique<HostBell>(HeaderOf(memory), [this](uint32_t*) { ++wakes; });
    table = std::make_unique<ObjectTable>(memory, limits, &platform, bell.get(), journal.get());
  }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_TESTING_MEMORY_PLATFORM_H_
