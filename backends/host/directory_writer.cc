#include "backends/host/directory_writer.h"

#include <cstring>

#include "backends/host/arena_header.h"

namespace l3link {
namespace {

using WordOf [[gnu::may_alias]] = uint64_t;
constexpr size_t kWords = sizeof(l3_directory_entry) / sizeof(uint64_t);
static_assert(offsetof(l3_directory_entry, generation) == 0, "the first word of an entry says whether it is whole");

}  // namespace

DirectoryWriter::DirectoryWriter(absl::Span<std::byte> memory, uint32_t capacity)
    : header_(HeaderOf(memory)),
      entries_(reinterpret_cast<l3_directory_entry*>(memory.data() + sizeof(l3_arena_header))),
      capacity_(capacity) {}

l3_directory_entry DirectoryWriter::Entry(uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
                                          absl::string_view name) {
  l3_directory_entry entry = {};
  entry.generation = generation;
  entry.kind = kind;
  entry.offset = offset;
  entry.bytes = bytes;
  std::memcpy(entry.name, name.data(), name.size());
  return entry;
}

uint32_t DirectoryWriter::NextFree() {
  if (free_.empty()) {
    free_.push_back(used_++);
    written_.emplace_back();
  }
  return free_.back();
}

void DirectoryWriter::Write(uint32_t index, uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
                            absl::string_view name) {
  free_.pop_back();
  written_[index] = Entry(kind, generation, offset, bytes, name);
  StoreEntry(index);
}

// The entry's generation is 0 now. Release: the object's own words, and these, are whole before it is not; pairs with the
// acquire in l3_read_entry.
void DirectoryWriter::StoreEntry(uint32_t index) {
  const auto* from = reinterpret_cast<const WordOf*>(&written_[index]);
  auto* to = reinterpret_cast<WordOf*>(&entries_[index]);
  for (size_t i = 1; i < kWords; ++i) __atomic_store_n(to + i, from[i], __ATOMIC_RELAXED);
  l3_store_release_u64(&entries_[index].generation, written_[index].generation);
}

void DirectoryWriter::Adopt(uint32_t index, uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
                            absl::string_view name) {
  if (written_.size() <= index) written_.resize(index + 1);
  written_[index] = Entry(kind, generation, offset, bytes, name);
  // The earlier daemon may have died before it came to write the entry. Anything else there is for the audit to find.
  if (l3_load_relaxed_u64(&entries_[index].generation) == 0) StoreEntry(index);
}

void DirectoryWriter::FinishAdopting(uint64_t version) {
  used_ = static_cast<uint32_t>(written_.size());
  version_ = version;
  for (uint32_t i = 0; i < capacity_; ++i) {
    if (i < used_ && written_[i].generation != 0) continue;
    if (i < used_) free_.push_back(i);
    if (l3_load_relaxed_u64(&entries_[i].generation) != 0) l3_store_release_u64(&entries_[i].generation, 0);
  }
}

void DirectoryWriter::Remove(uint32_t index) {
  written_[index] = {};
  l3_store_relaxed_u64(&entries_[index].generation, 0);
  l3_fence_release();  // the zero is seen before whatever Add writes here next; pairs with l3_read_entry's fence
  free_.push_back(index);
}

uint64_t DirectoryWriter::Publish() {
  l3_store_release_u32(&header_->host.directory_used, used_);
  // Release: the entries are there before their version; pairs with the acquire in l3_directory_changed.
  l3_store_release_u64(&header_->host.directory_version, ++version_);
  return version_;
}

bool DirectoryWriter::IsIntact(uint32_t index) const {
  const auto* written = reinterpret_cast<const WordOf*>(&written_[index]);
  const auto* shared = reinterpret_cast<const WordOf*>(&entries_[index]);
  for (size_t i = 0; i < kWords; ++i) {
    if (__atomic_load_n(shared + i, __ATOMIC_RELAXED) != written[i]) return false;
  }
  return true;
}

}  // namespace l3link
