#include "backends/host/journal/chip_journal.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "backends/abi/arena_layout.h"
#include "backends/abi/crc32c.h"
#include "backends/host/journal/stored_entry.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr uint64_t kCatalogueAt = sizeof(JournalHead);

uint64_t QuarantineAt(uint32_t max_objects) {
  return l3_align_up(kCatalogueAt + uint64_t{max_objects} * sizeof(CatalogueEntry), L3_PAGE_BYTES);
}

uint64_t BlocksAt(uint32_t max_objects, uint32_t max_quarantined) {
  return l3_align_up(QuarantineAt(max_objects) + uint64_t{max_quarantined} * sizeof(QuarantineEntry), L3_PAGE_BYTES);
}

uint32_t CrcOf(const JournalIdentity& identity) { return l3_crc32c(&identity, offsetof(JournalIdentity, crc)); }

// Of everything but itself.
uint32_t CrcOf(CatalogueEntry entry) {
  entry.crc = 0;
  return l3_crc32c(&entry, sizeof(entry));
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the journal is damaged: ", what));
}

// They have no CRC: each is one word, stored as a whole.
absl::Status CheckCounters(const JournalCounters& found, uint64_t arena_generation) {
  if (found.newest_generation - arena_generation > ChipJournal::kMostCounted) {
    return Damaged(
        absl::StrCat("newest generation ", found.newest_generation, " in an arena of generation ", arena_generation));
  }
  if (found.directory_version > ChipJournal::kMostCounted || found.unlisted > ChipJournal::kMostCounted) {
    return Damaged(absl::StrCat("directory version ", found.directory_version, ", unlisted ", found.unlisted));
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t ChipJournal::BytesFor(uint64_t arena_bytes, uint32_t max_objects) {
  // A lane of the arena has at least a page and its block at most three pages and an eighth of the lane; a region's block is
  // smaller than its signals.
  return BlocksAt(max_objects, max_objects) + 6 * l3_align_up(arena_bytes, L3_PAGE_BYTES);
}

ChipJournal::ChipJournal(absl::Span<std::byte> memory, JournalSpace* space)
    : memory_(memory), space_(space), head_(reinterpret_cast<JournalHead*>(memory.data())) {}

void ChipJournal::FindPlaces() {
  const JournalIdentity& known = head_->identity;
  catalogue_ = reinterpret_cast<CatalogueEntry*>(memory_.data() + kCatalogueAt);
  quarantine_ = reinterpret_cast<QuarantineEntry*>(memory_.data() + QuarantineAt(known.max_objects));
  blocks_ = ExtentAllocator(BlocksAt(known.max_objects, known.max_quarantined), memory_.size());
}

absl::Status ChipJournal::Init(JournalIdentity identity) {
  identity.magic = 0;
  identity.journal_version = kJournalVersion;
  identity.abi_version = L3_ABI_VERSION;
  identity.journal_bytes = memory_.size();
  identity.max_quarantined = identity.max_objects;
  absl::Status status = space_->Commit(0, BlocksAt(identity.max_objects, identity.max_quarantined));
  if (!status.ok()) return status;
  identity.magic = kJournalMagic;
  identity.crc = CrcOf(identity);
  head_->counters.newest_generation = newest_generation_ = identity.arena_generation;
  StoreEntry(&head_->identity, identity);
  FindPlaces();
  return absl::OkStatus();
}

absl::Status ChipJournal::Open() {
  const JournalIdentity& found = head_->identity;
  if (memory_.size() < sizeof(JournalHead)) return Damaged("it is shorter than its head");
  if (found.magic == 0) return absl::NotFoundError("it was never finished");
  if (found.magic != kJournalMagic) return Damaged("it does not begin as one");
  if (found.journal_version != kJournalVersion || found.abi_version != L3_ABI_VERSION) {
    return absl::FailedPreconditionError(absl::StrCat("written as journal version ", found.journal_version,
                                                      ", ABI version ", found.abi_version, "; this l3linkd has ",
                                                      kJournalVersion, " and ", L3_ABI_VERSION));
  }
  if (found.crc != CrcOf(found)) return Damaged("its identity is not whole");
  if (found.journal_bytes != memory_.size() ||
      BlocksAt(found.max_objects, found.max_quarantined) > found.journal_bytes) {
    return Damaged(absl::StrCat("it has ", memory_.size(), " bytes instead of ", found.journal_bytes));
  }
  absl::Status status = CheckCounters(head_->counters, found.arena_generation);
  if (!status.ok()) return status;
  newest_generation_ = head_->counters.newest_generation;
  FindPlaces();
  return absl::OkStatus();
}

absl::Status ChipJournal::CheckEntry(uint32_t index, const CatalogueEntry& entry) const {
  if (entry.crc != CrcOf(entry)) return Damaged(absl::StrCat("catalogue entry ", index, " is not whole"));
  if (entry.generation > newest_generation_ || strnlen(entry.name, sizeof(entry.name)) == sizeof(entry.name)) {
    return Damaged(absl::StrCat("catalogue entry ", index, " cannot be true"));
  }
  return absl::OkStatus();
}

absl::StatusOr<JournalContents> ChipJournal::Load() {
  JournalContents contents;
  for (uint32_t i = 0; i < head_->identity.max_objects; ++i) {
    CatalogueEntry entry;
    std::memcpy(&entry, &catalogue_[i], sizeof(entry));
    if (entry.generation == 0) continue;
    absl::Status status = CheckEntry(i, entry);
    if (!status.ok()) return status;
    if (!blocks_.Take({entry.block_offset, entry.block_bytes})) {
      return Damaged(absl::StrCat("catalogue entry ", i, " has a block that is another's, or none"));
    }
    contents.objects.emplace_back(i, entry);
  }
  for (uint32_t i = 0; i < head_->identity.max_quarantined; ++i) {
    QuarantineEntry entry;
    std::memcpy(&entry, &quarantine_[i], sizeof(entry));
    if (entry.bytes == 0) continue;
    contents.quarantined.emplace_back(i, entry);
    for (; used_places_ < i; ++used_places_) free_places_.push_back(used_places_);
    used_places_ = i + 1;
  }
  return contents;
}

uint64_t ChipJournal::NextGeneration() {
  l3_store_release_u64(&head_->counters.newest_generation, ++newest_generation_);
  return newest_generation_;
}

absl::StatusOr<Extent> ChipJournal::TakeBlock(uint64_t bytes) {
  const absl::optional<Extent> block = blocks_.Allocate(bytes);
  if (!block.has_value()) {
    return Refuse(Reason::kARENA_FULL, absl::StrCat("the journal has no room for ", bytes, " bytes"),
                  {{"bytes", absl::StrCat(bytes)}, {"largest_free_bytes", absl::StrCat(blocks_.largest_free())}});
  }
  absl::Status status = space_->Commit(block->offset, block->bytes);
  if (!status.ok()) {
    blocks_.Free(*block);
    return status;
  }
  return *block;
}

void ChipJournal::GiveBlock(const Extent& block) {
  space_->Decommit(block.offset, block.bytes);
  blocks_.Free(block);
}

void ChipJournal::Put(uint32_t index, CatalogueEntry entry) {
  entry.crc = CrcOf(entry);
  StoreEntry(&catalogue_[index], entry);
}

void ChipJournal::Clear(uint32_t index) { ClearEntry(&catalogue_[index]); }

std::vector<uint32_t> ChipJournal::ListQuarantined(absl::Span<const Extent> extents, uint64_t version,
                                                   uint64_t attach_count) {
  std::vector<uint32_t> places;
  for (const Extent& extent : extents) {
    uint32_t place;
    if (!free_places_.empty()) {
      place = free_places_.back();
      free_places_.pop_back();
    } else if (used_places_ < head_->identity.max_quarantined) {
      place = used_places_++;
    } else {
      l3_store_release_u64(&head_->counters.unlisted, version);
      continue;
    }
    StoreEntry(&quarantine_[place], {extent.bytes, extent.offset, version, attach_count});
    places.push_back(place);
  }
  return places;
}

void ChipJournal::Unlist(absl::Span<const uint32_t> places) {
  for (uint32_t place : places) {
    ClearEntry(&quarantine_[place]);
    free_places_.push_back(place);
  }
}

}  // namespace l3link
