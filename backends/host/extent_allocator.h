// Free space of an arena, in whole pages: first fit by address, neighbours coalesced, any part of what was allocated can
// be given back on its own.
//
// Called by ObjectTable under the chip worker's lock. Knows offsets only; touches no memory.
#ifndef L3LINK_BACKENDS_HOST_EXTENT_ALLOCATOR_H_
#define L3LINK_BACKENDS_HOST_EXTENT_ALLOCATOR_H_

#include <cstdint>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/types/optional.h"

namespace l3link {

struct Extent {
  uint64_t offset = 0;
  uint64_t bytes = 0;

  uint64_t end() const { return offset + bytes; }
  bool operator==(const Extent&) const = default;
};

// The same bytes as few extents: sorted, neighbours joined.
std::vector<Extent> Joined(std::vector<Extent> extents);

class ExtentAllocator {
 public:
  // Everything in [begin, end) is free; both are whole pages.
  ExtentAllocator(uint64_t begin, uint64_t end);

  // The lowest place for `bytes`, rounded up to whole pages; nothing when no hole is large enough.
  absl::optional<Extent> Allocate(uint64_t bytes);
  // Exactly this range, whole pages; false, with no effect, unless all of it is free.
  bool Take(Extent extent);
  // All that is free, and takes it.
  std::vector<Extent> TakeAll();
  std::vector<Extent> Holes() const;
  // Gives back what is allocated in whole: all of an extent or a part of it, whole pages.
  void Free(Extent extent);

  uint64_t allocated_bytes() const { return capacity_ - free_bytes_; }
  uint64_t free_bytes() const { return free_bytes_; }
  uint64_t largest_free() const;

 private:
  uint64_t capacity_;
  uint64_t free_bytes_;
  absl::btree_map<uint64_t, uint64_t> holes_;  // offset -> bytes; never adjacent
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_EXTENT_ALLOCATOR_H_
