// The journal of one chip: which objects there are, where, and the blocks that are kept of each.
//
// Owned by ChipWorker, written by ObjectTable under the chip worker's lock; sans-IO: memory comes in, and backing for parts of
// it through JournalSpace. What is written here is written before the arena says the same, so that a restarted daemon
// believes this and nothing of the chip's.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/host/extent_allocator.h"
#include "backends/host/journal/chip_journal_layout.h"

namespace l3link {

// Backs [offset, offset + bytes) of the journal's memory with zeroed pages, and gives them back.
class JournalSpace {
 public:
  virtual ~JournalSpace() = default;
  // STATE_SPACE_FULL.
  virtual absl::Status Commit(uint64_t offset, uint64_t bytes) = 0;
  virtual void Decommit(uint64_t offset, uint64_t bytes) = 0;
};

// What an earlier daemon left.
struct JournalContents {
  std::vector<std::pair<uint32_t, CatalogueEntry>> objects;       // by index in the directory
  std::vector<std::pair<uint32_t, QuarantineEntry>> quarantined;  // by place in the list
};

class ChipJournal {
 public:
  // Of objects and changes in one arena's life: no node gets there, and no sum of counts within it wraps. A counter beyond is
  // damage. Damage that stops just short of it is believed, and is refused by whoever finds it counted on from there.
  static constexpr uint64_t kMostCounted = uint64_t{1} << 48;

  // Bytes of address space for an arena of this size; few of them are ever backed.
  static uint64_t BytesFor(uint64_t arena_bytes, uint32_t max_objects);

  // `memory` and `space` outlive it.
  ChipJournal(absl::Span<std::byte> memory, JournalSpace* space);

  // An empty journal in zeroed memory. Fills in magic, versions, sizes and CRC.
  absl::Status Init(JournalIdentity identity);
  // One that is there. NOT_FOUND where it was never finished. FAILED_PRECONDITION naming both versions where this build cannot read it; DATA_LOSS where its
  // identity is not whole.
  absl::Status Open();
  // After Open: everything that counts, its blocks taken. DATA_LOSS names the entry that cannot be true.
  absl::StatusOr<JournalContents> Load();

  const JournalIdentity& identity() const { return head_->identity; }

  // Never given before in this arena's life, whatever dies.
  uint64_t NextGeneration();
  uint64_t newest_generation() const { return newest_generation_; }
  uint64_t directory_version() const { return l3_load_relaxed_u64(&head_->counters.directory_version); }
  void SetDirectoryVersion(uint64_t version) { l3_store_release_u64(&head_->counters.directory_version, version); }

  // Zeroed. ARENA_FULL (of the journal's blocks) or STATE_SPACE_FULL.
  absl::StatusOr<Extent> TakeBlock(uint64_t bytes);
  void GiveBlock(const Extent& block);
  std::byte* BlockAt(uint64_t offset) const { return memory_.data() + offset; }

  // The entry's CRC is filled in; its block is the caller's.
  void Put(uint32_t index, CatalogueEntry entry);
  void Clear(uint32_t index);

  // The places in the list; fewer than extents when it is full (then recovery keeps all that is free from use until the
  // chip has acknowledged `version`).
  std::vector<uint32_t> ListQuarantined(absl::Span<const Extent> extents, uint64_t version, uint64_t attach_count);
  void Unlist(absl::Span<const uint32_t> places);
  uint64_t unlisted_version() const { return l3_load_relaxed_u64(&head_->counters.unlisted); }
  void ForgetUnlisted() { l3_store_release_u64(&head_->counters.unlisted, 0); }

 private:
  absl::Status CheckEntry(uint32_t index, const CatalogueEntry& entry) const;
  void FindPlaces();

  const absl::Span<std::byte> memory_;
  JournalSpace* const space_;
  JournalHead* const head_;
  CatalogueEntry* catalogue_ = nullptr;
  QuarantineEntry* quarantine_ = nullptr;
  ExtentAllocator blocks_{0, 0};
  uint64_t newest_generation_ = 0;
  std::vector<uint32_t> free_places_;  // of the quarantine's list, that were used before
  uint32_t used_places_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_H_
