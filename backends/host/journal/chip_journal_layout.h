// The journal of one chip, a file that only daemons map: STATE/private/chip-N.journal.
//
//      0  +------------------------------------------------------------------+
//         | identity: which arena this belongs to; written once, magic last  |
//         | counters: newest generation, newest directory version            |
//   4096  +------------------------------------------------------------------+
//         | catalogue: one entry an object, at its index in the directory    |
//         +------------------------------------------------------------------+
//         | quarantine: ranges that a chip may still have a view of          |
//         +------------------------------------------------------------------+
//         | blocks: what is kept of each object's lanes and signals          |
//         +------------------------------------------------------------------+
//
// Sparse: memory is taken for what is open. An entry counts while its first word is not 0; that word is stored last when it
// is written, and first when it is cleared.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_LAYOUT_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "backends/abi/base.h"

namespace l3link {

constexpr uint64_t kJournalMagic = 0x6c616e72756a334c;  // "L3journal" without its end
constexpr uint32_t kJournalVersion = 3;

struct JournalIdentity {
  uint64_t magic;
  uint32_t journal_version;
  uint32_t abi_version;
  uint64_t journal_bytes;
  uint64_t arena_bytes;
  uint64_t arena_generation;
  uint32_t max_objects;
  uint32_t max_quarantined;
  uint8_t boot_id[16];
  uint8_t pairing_id[16];
  char platform[16];
  uint32_t chip_index;
  uint32_t crc;  // CRC-32C of all words before
};

struct JournalCounters {
  uint64_t newest_generation;  // given to no object later than this
  uint64_t directory_version;
  uint64_t
      unlisted;  // directory version of the newest change whose ranges found no room in the quarantine's list; 0: none
};

struct JournalHead {
  JournalIdentity identity;
  JournalCounters counters;
  uint8_t reserved[L3_PAGE_BYTES - sizeof(JournalIdentity) - sizeof(JournalCounters)];
};

struct CatalogueEntry {
  uint64_t generation;  // of the object; 0: free, or being changed
  uint32_t kind;        // L3_OBJECT_CHANNEL, L3_OBJECT_REGION
  uint32_t crc;         // CRC-32C of the rest
  uint64_t offset;      // in the arena
  uint64_t bytes;
  uint64_t block_offset;  // in this journal
  uint64_t block_bytes;
  uint64_t size;        // channel: ring_bytes; region: data_bytes
  uint32_t counts[2];   // channel: lanes host_to_chip, chip_to_host; region: signal_count, 0
  uint32_t lane_depth;  // channel, as all below
  uint32_t max_message_bytes;
  uint32_t alignment;
  uint32_t checksum;
  char name[48];
};

struct QuarantineEntry {
  uint64_t bytes;  // 0: free, or being changed
  uint64_t offset;
  uint64_t version;  // of the directory, with the change in it
  uint64_t attach_count;
};

static_assert(sizeof(JournalHead) == L3_PAGE_BYTES);
static_assert(sizeof(CatalogueEntry) == 128);
static_assert(sizeof(QuarantineEntry) == 32);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_CHIP_JOURNAL_LAYOUT_H_
