// The directory of objects in the arena, as its only writer has it: which entry is whose, and the version.
//
// Called by ObjectTable under the chip worker's lock. Entries in shared memory are only written; what they say is kept here.
#ifndef L3LINK_BACKENDS_HOST_DIRECTORY_WRITER_H_
#define L3LINK_BACKENDS_HOST_DIRECTORY_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/abi/arena_layout.h"

namespace l3link {

class DirectoryWriter {
 public:
  // Of an initialised arena with `capacity` entries, all free.
  DirectoryWriter(absl::Span<std::byte> memory, uint32_t capacity);

  bool full() const { return used_ == capacity_ && free_.empty(); }
  uint32_t capacity() const { return capacity_; }

  // The entry that Write will be given next (not full()).
  uint32_t NextFree();
  // Writes a free entry whole. Not visible as a change before Publish.
  void Write(uint32_t index, uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
             absl::string_view name);
  void Remove(uint32_t index);

  // After a restart: Adopt for each entry that the journal knows; then FinishAdopting, which frees all others in shared
  // memory too, and counts versions on from `version`.
  void Adopt(uint32_t index, uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
             absl::string_view name);
  void FinishAdopting(uint64_t version);

  // Announces what was added, removed or reset since: one more version. Answers it.
  uint64_t Publish();
  uint64_t version() const { return version_; }

  // The audit: whether the entry is as it was written.
  bool IsIntact(uint32_t index) const;

 private:
  static l3_directory_entry Entry(uint32_t kind, uint64_t generation, uint64_t offset, uint64_t bytes,
                                  absl::string_view name);
  void StoreEntry(uint32_t index);

  l3_arena_header* const header_;
  l3_directory_entry* const entries_;
  const uint32_t capacity_;
  std::vector<l3_directory_entry> written_;  // by index, as far as used
  std::vector<uint32_t> free_;
  uint32_t used_ = 0;
  uint64_t version_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_DIRECTORY_WRITER_H_
