// For tests: one lane's memory, laid out by hand, with the chip's side of it written word by word.
#ifndef L3LINK_BACKENDS_HOST_TESTING_LANE_MEMORY_H_
#define L3LINK_BACKENDS_HOST_TESTING_LANE_MEMORY_H_

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/abi/channel_layout.h"
#include "backends/abi/crc32c.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_geometry.h"

namespace l3link {

inline absl::Span<const std::byte> AsBytes(absl::string_view text) {
  return absl::MakeConstSpan(reinterpret_cast<const std::byte*>(text.data()), text.size());
}

class LaneMemory {
 public:
  explicit LaneMemory(const LaneGeometry& shape)
      : geometry(shape),
        pages_(l3_lane_bytes(shape.lane_depth, shape.ring_bytes) / sizeof(Page)),
        journal_block_(LaneBlockBytes(shape.lane_depth) / sizeof(uint64_t)),
        bell(&header, [this](uint32_t*) { ++wakes; }),
        journal(journal_block(), shape.lane_depth) {
    journal.Begin(1, 0);
  }

  std::byte* base() { return reinterpret_cast<std::byte*>(pages_.data()); }
  l3_producer_line& producer() { return *reinterpret_cast<l3_producer_line*>(base()); }
  l3_consumer_line& consumer() { return *reinterpret_cast<l3_consumer_line*>(base() + L3_LANE_CONSUMER_AT); }
  l3_descriptor& slot(uint64_t sequence) {
    return reinterpret_cast<l3_descriptor*>(base() + L3_LANE_DESCRIPTORS_AT)[sequence % (2 * geometry.lane_depth)];
  }
  std::byte* ring() { return base() + l3_lane_ring_at(geometry.lane_depth); }
  std::string RingText(uint64_t place, size_t bytes) {
    return std::string(reinterpret_cast<const char*>(ring() + place), bytes);
  }

  // As a chip would put message `sequence` at `position`; does not move tail.
  l3_descriptor& Put(uint64_t sequence, uint64_t position, absl::string_view payload) {
    std::memcpy(ring() + position % geometry.ring_bytes, payload.data(), payload.size());
    l3_descriptor& descriptor = slot(sequence);
    descriptor = {};
    descriptor.sequence = sequence;
    descriptor.payload_position = position;
    descriptor.payload_bytes = static_cast<uint32_t>(payload.size());
    if (geometry.checksum) descriptor.crc32c = l3_crc32c(payload.data(), payload.size());
    return descriptor;
  }
  std::byte* journal_block() { return reinterpret_cast<std::byte*>(journal_block_.data()); }
  // As a restarted daemon finds it.
  LaneJournal LoadedJournal() {
    LaneJournal loaded(journal_block(), geometry.lane_depth);
    if (!loaded.Load()) std::abort();
    return loaded;
  }
  void SetTail(uint64_t tail) { l3_store_release_u64(&producer().tail, tail); }
  void SetHead(uint64_t head) { l3_store_release_u64(&consumer().head, head); }

  const LaneGeometry geometry;
  l3_arena_header header = {};
  int wakes = 0;

 private:
  struct alignas(4096) Page {
    std::byte bytes[4096] = {};
  };
  std::vector<Page> pages_;
  std::vector<uint64_t> journal_block_;

 public:
  HostBell bell;
  LaneJournal journal;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_TESTING_LANE_MEMORY_H_
