// What the journal keeps of one lane: its block, byte by byte.
//
//      0  +--------------------------------------------------------------+
//         | hot: A and B, two cache lines each: where the lane stands    |
//    256  +--------------------------------------------------------------+
//         | cold: A and B: who holds it                                  |
//         +--------------------------------------------------------------+
//         | retired: a ring of the last sessions with final positions    |
//         +--------------------------------------------------------------+
//         | digests: one word a slot; chip_to_host lanes only            |
//         +--------------------------------------------------------------+
//
// A hot record names the cold one that it was written with, so the two change as one.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_LAYOUT_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "backends/host/journal/ab_record.h"

namespace l3link {

// A place in a lane's history: messages so far, and where the payload of the last of them ends.
struct LanePosition {
  uint64_t count = 0;
  uint64_t end = 0;

  bool operator==(const LanePosition&) const = default;
};

struct LaneHot {
  uint64_t generation = 0;  // of the lane; changes when it is reset
  uint64_t offset = 0;      // of the lane in the arena
  uint64_t epoch = 0;       // of the newest grant
  LanePosition reached;     // the farthest it may have got: intent of sending, delivered of receiving
  LanePosition settled;     // what is certain: committed, acked
  uint64_t digest = 0;      // host_to_chip: of the messages from settled to reached
  uint64_t bytes = 0;       // payload bytes ever published, delivered
  uint64_t cold = 0;        // counter of the cold record that belongs to this one
  uint64_t poison = 0;      // 1 + PoisonReason; 0: none
  uint64_t reserved[3] = {};
};

constexpr size_t kSessionIdBytes = 64;
constexpr size_t kPrincipalBytes = 64;

struct LaneCold {
  char session_id[kSessionIdBytes] = {};  // holder or last one; empty: none
  char principal[kPrincipalBytes] = {};   // whose session it is
  uint64_t generation = 0;                // of the lane when the session was granted it
  uint64_t start = 0;                     // position then
  uint64_t lease_id = 0;                  // the same for all lanes of one lease; 0: not held any more
  uint64_t ttl_ns = 0;
  uint64_t retired = 0;  // sessions ever retired: entries of the ring with a serial up to this count
};

// Keeps the last 64; one more place, so that writing an entry overwrites none of those.
constexpr size_t kRetiredSessions = 64;

struct RetiredEntry {
  uint64_t serial;  // from 1; stored last
  uint64_t crc;     // CRC-32C of serial and words
  char session_id[kSessionIdBytes];
  char principal[kPrincipalBytes];
  uint64_t generation;
  uint64_t start;
  uint64_t position;
};

struct LaneBlock {
  AbLayout<LaneHot> hot;
  AbLayout<LaneCold> cold;
  RetiredEntry retired[kRetiredSessions + 1];
  uint64_t digests[];  // by sequence mod their number
};

static_assert(sizeof(AbLayout<LaneHot>) == 4 * 64, "two cache lines each");
static_assert(sizeof(LaneCold) == 168 && sizeof(RetiredEntry) == 168);
static_assert(sizeof(LaneBlock) == 256 + 2 * (16 + 168) + 65 * 168);

// Bytes of a block with so many digests, in whole lines of 128 bytes.
constexpr uint64_t LaneBlockBytes(uint64_t digests) {
  return (sizeof(LaneBlock) + digests * sizeof(uint64_t) + 127) / 128 * 128;
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_LAYOUT_H_
