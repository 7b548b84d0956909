#include "backends/host/arena_header.h"

#include <algorithm>
#include <cstring>

namespace l3link {

uint64_t ArenaDataAt(uint32_t directory_capacity) {
  return l3_align_up(sizeof(l3_arena_header) + uint64_t{directory_capacity} * sizeof(l3_directory_entry),
                     L3_PAGE_BYTES);
}

void InitArena(absl::Span<std::byte> memory, const ArenaIdentity& identity) {
  l3_arena_identity& shared = HeaderOf(memory)->identity;
  shared.abi_version = L3_ABI_VERSION;
  shared.entry_bytes = sizeof(l3_directory_entry);
  shared.arena_bytes = memory.size();
  shared.device_base = identity.device_base;
  shared.directory_at = sizeof(l3_arena_header);
  shared.data_at = ArenaDataAt(identity.directory_capacity);
  shared.directory_capacity = identity.directory_capacity;
  shared.generation = identity.generation;
  std::copy(identity.boot_id.begin(), identity.boot_id.end(), shared.boot_id);
  std::copy(identity.pairing_id.begin(), identity.pairing_id.end(), shared.pairing_id);
  std::memcpy(shared.platform, identity.platform.data(),
              std::min(identity.platform.size(), sizeof(shared.platform) - 1));
  shared.chip_index = identity.chip_index;
  shared.core_count = identity.core_count;
  // Release: the identity is whole; pairs with the acquire in l3_attach.
  l3_store_release_u64(&shared.magic, L3_ARENA_MAGIC);
}

ChipLine LoadChipLine(const l3_arena_header& header) {
  const l3_chip_line& shared = header.chip;
  ChipLine line;
  // Acquire: whoever says RUNNING has stored the rest of its line before (l3_attach).
  line.state = l3_load_acquire_u32(&shared.chip_state);
  line.can_wake = (l3_load_relaxed_u32(&shared.chip_flags) & L3_CHIP_CAN_WAKE) != 0;
  line.heartbeat = l3_load_relaxed_u64(&shared.heartbeat);
  line.attach_count = l3_load_acquire_u64(&shared.attach_count);
  // Acquire: the chip's last use of what it acknowledges is over (l3_directory_acknowledge).
  line.directory_ack = l3_load_acquire_u64(&shared.directory_ack);
  line.pid = l3_load_relaxed_u32(&shared.pid);
  return line;
}

void StoreHostState(l3_arena_header* header, uint32_t host_state) {
  l3_store_release_u32(&header->host.host_state, host_state);
}

void StoreHostHeartbeat(l3_arena_header* header, uint64_t beat) { l3_store_relaxed_u64(&header->host.heartbeat, beat); }

}  // namespace l3link
