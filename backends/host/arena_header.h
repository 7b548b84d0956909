// The start of an arena as the host sees it: lays it out, keeps the host's line, and reads the chip's line with care.
//
// Called by ChipWorker and ObjectTable, under the chip worker's lock.
#ifndef L3LINK_BACKENDS_HOST_ARENA_HEADER_H_
#define L3LINK_BACKENDS_HOST_ARENA_HEADER_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "backends/abi/arena_layout.h"

namespace l3link {

struct ArenaIdentity {
  std::array<uint8_t, 16> boot_id = {};
  std::array<uint8_t, 16> pairing_id = {};
  uint64_t generation = 0;  // of the arena; objects count on from it
  std::string platform;
  uint32_t chip_index = 0;
  uint32_t core_count = 0;
  uint64_t device_base = 0;
  uint32_t directory_capacity = 0;
};

// Offset of the first page that objects may use.
uint64_t ArenaDataAt(uint32_t directory_capacity);

// Writes the identity into zeroed memory of at least ArenaDataAt bytes; the magic last, which lets chips in.
void InitArena(absl::Span<std::byte> memory, const ArenaIdentity& identity);

inline l3_arena_header* HeaderOf(absl::Span<std::byte> memory) {
  return reinterpret_cast<l3_arena_header*>(memory.data());
}

// The chip's line: each word loaded once. None of it is believed beyond what its user bounds.
struct ChipLine {
  uint32_t state = L3_CHIP_ABSENT;
  bool can_wake = false;
  uint64_t heartbeat = 0;
  uint64_t attach_count = 0;
  uint64_t directory_ack = 0;
  uint32_t pid = 0;
};
ChipLine LoadChipLine(const l3_arena_header& header);

// The host's line; `beat` is the host's own count.
void StoreHostState(l3_arena_header* header, uint32_t host_state);
void StoreHostHeartbeat(l3_arena_header* header, uint64_t beat);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_ARENA_HEADER_H_
