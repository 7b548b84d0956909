#include "backends/host/extent_allocator.h"

#include <algorithm>
#include <iterator>

#include "backends/abi/base.h"

namespace l3link {

std::vector<Extent> Joined(std::vector<Extent> extents) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  std::vector<Extent> joined;
  for (const Extent& extent : extents) {
    if (!joined.empty() && joined.back().end() == extent.offset) {
      joined.back().bytes += extent.bytes;
    } else {
      joined.push_back(extent);
    }
  }
  return joined;
}

ExtentAllocator::ExtentAllocator(uint64_t begin, uint64_t end) : capacity_(end - begin), free_bytes_(end - begin) {
  if (end > begin) holes_[begin] = end - begin;
}

absl::optional<Extent> ExtentAllocator::Allocate(uint64_t bytes) {
  if (bytes == 0 || bytes > capacity_) return absl::nullopt;  // the second also keeps the rounding from overflowing
  bytes = l3_align_up(bytes, L3_PAGE_BYTES);
  for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
    if (hole->second < bytes) continue;
    const Extent extent{hole->first, bytes};
    const uint64_t rest = hole->second - bytes;
    holes_.erase(hole);
    if (rest > 0) holes_[extent.end()] = rest;
    free_bytes_ -= bytes;
    return extent;
  }
  return absl::nullopt;
}

bool ExtentAllocator::Take(Extent extent) {
  if (extent.bytes == 0 || extent.offset % L3_PAGE_BYTES != 0 || extent.bytes % L3_PAGE_BYTES != 0) return false;
  auto hole = holes_.upper_bound(extent.offset);
  if (hole == holes_.begin()) return false;
  --hole;
  const Extent free{hole->first, hole->second};
  // No sum of what is asked for: it may wrap.
  if (extent.offset >= free.end() || extent.bytes > free.end() - extent.offset) return false;
  holes_.erase(hole);
  if (free.offset < extent.offset) holes_[free.offset] = extent.offset - free.offset;
  if (extent.end() < free.end()) holes_[extent.end()] = free.end() - extent.end();
  free_bytes_ -= extent.bytes;
  return true;
}

std::vector<Extent> ExtentAllocator::Holes() const {
  std::vector<Extent> holes;
  for (const auto& [offset, bytes] : holes_) holes.push_back({offset, bytes});
  return holes;
}

std::vector<Extent> ExtentAllocator::TakeAll() {
  std::vector<Extent> holes = Holes();
  holes_.clear();
  free_bytes_ = 0;
  return holes;
}

void ExtentAllocator::Free(Extent extent) {
  free_bytes_ += extent.bytes;
  auto after = holes_.lower_bound(extent.offset);
  if (after != holes_.end() && after->first == extent.end()) {
    extent.bytes += after->second;
    after = holes_.erase(after);
  }
  if (after != holes_.begin()) {
    auto before = std::prev(after);
    if (before->first + before->second == extent.offset) {
      before->second += extent.bytes;
      return;
    }
  }
  holes_[extent.offset] = extent.bytes;
}

uint64_t ExtentAllocator::largest_free() const {
  uint64_t largest = 0;
  for (const auto& [offset, bytes] : holes_) largest = std::max(largest, bytes);
  return largest;
}

}  // namespace l3link
