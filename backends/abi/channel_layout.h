/* A channel in the arena: its geometry, a table of its lanes, and the lanes.
 *
 *  channel offset
 *        0  +-----------------------------------------------+
 *           | geometry    written once by the host          |
 *      128  +-----------------------------------------------+
 *           | lane table  host_to_chip lanes, chip_to_host  |   32 bytes a lane, host-written
 *           +-----------------------------------------------+
 *
 *  lane offset (a page; at first behind the table, after a reset anywhere)
 *        0  +-----------------------------------------------+
 *           | producer: tail; at 64 rung, seen              |
 *      128  +-----------------------------------------------+
 *           | consumer: head, note; at 192 rung, seen       |
 *      256  +-----------------------------------------------+
 *           | 2 x lane_depth descriptors of 64 bytes        |
 *  ring_at  +-----------------------------------------------+   a multiple of 512
 *           | payload ring of ring_bytes                    |
 *           +-----------------------------------------------+
 *
 * Message n (n = 0, 1, ...) has its descriptor in slot n mod 2 x lane_depth. tail counts messages ever published, head
 * those ever consumed; 0 <= tail - head <= lane_depth. Twice as many slots as messages: the slots of head - 1 and
 * tail - 1 are never overwritten, so that either side can find where payloads ended.
 *
 * Payload positions count bytes and never wrap; the place in the ring is position mod ring_bytes. A payload begins at the
 * end of the one before, aligned up, or at the next multiple of ring_bytes if it would cross it: payloads are
 * contiguous. It fits if its end is at most ring_bytes past the end of message head - 1.
 *
 * Publishing is one store: payloads, descriptors, then tail with release. Consuming is one store: head with release.
 * lane = route mod lane_count of the direction, for everything that sends by route. */
#ifndef L3LINK_BACKENDS_ABI_CHANNEL_LAYOUT_H_
#define L3LINK_BACKENDS_ABI_CHANNEL_LAYOUT_H_

#include "backends/abi/base.h"

enum { L3_CHANNEL_CHECKSUM = 1u }; /* flags: descriptors carry a CRC-32C of the payload */

struct l3_channel_geometry {
  uint64_t generation;                /* as in the directory */
  uint32_t lane_count[L3_DIRECTIONS]; /* by L3_HOST_TO_CHIP, L3_CHIP_TO_HOST */
  uint32_t lane_depth;                /* messages; a power of two */
  uint32_t max_message_bytes;
  uint64_t ring_bytes; /* a lane; a multiple of alignment, at least 2 x max_message_bytes aligned up */
  uint32_t alignment;  /* of payloads; a power of two, 8 to 512 */
  uint32_t flags;
  uint64_t lane_bytes; /* of one lane, whole pages */
  uint8_t reserved[128 - 48];
};

/* Where a lane is now. Changed at a reset, under `generation`, as a directory entry is. */
struct l3_lane_entry {
  uint64_t generation; /* 0: being changed */
  uint64_t offset;     /* in the arena */
  uint64_t reserved[2];
};

/* A cache line that changes with every batch, and one that hardly does: the other side looks at `seen` at each of its batches. */
struct l3_producer_line {
  uint64_t tail; /* release by the producer, acquire by the consumer: publishes slots and payloads below it */
  uint64_t reserved[7];
  uint32_t rung; /* how often the producer told the consumer to look */
  uint32_t seen; /* the consumer's `rung` as the producer last saw it */
  uint8_t reserved_bell[56];
};

struct l3_consumer_line {
  uint64_t head;    /* release by the consumer, acquire by the producer: gives back slots and payloads below it */
  uint64_t note[3]; /* the consumer's own memory across its death; means nothing to the producer, who ignores it */
  uint64_t reserved[4];
  uint32_t rung; /* how often the consumer told the producer to look */
  uint32_t seen; /* the producer's `rung` as the consumer last saw it */
  uint8_t reserved_bell[56];
};

struct l3_descriptor {
  uint64_t sequence; /* the message's number in this lane and generation, from 0 */
  uint64_t correlation_id;
  uint64_t payload_position;
  uint32_t payload_bytes;
  uint32_t route;
  uint32_t flags;  /* none yet: 0 */
  uint32_t crc32c; /* of the payload where the channel asks for it, else 0 */
  uint64_t reserved[3];
};

#define L3_LANE_CONSUMER_AT 128u
#define L3_LANE_DESCRIPTORS_AT 256u
#define L3_LANE_RING_ALIGNMENT 512u
#define L3_LANE_TABLE_AT 128u

L3_STATIC_ASSERT(sizeof(struct l3_channel_geometry) == L3_LANE_TABLE_AT, "geometry");
L3_STATIC_ASSERT(sizeof(struct l3_lane_entry) == 32, "lane entry");
L3_STATIC_ASSERT(sizeof(struct l3_producer_line) == L3_LANE_CONSUMER_AT, "producer line");
L3_STATIC_ASSERT(sizeof(struct l3_consumer_line) == L3_LANE_DESCRIPTORS_AT - L3_LANE_CONSUMER_AT, "consumer line");
L3_STATIC_ASSERT(offsetof(struct l3_producer_line, rung) == 64, "producer line");
L3_STATIC_ASSERT(offsetof(struct l3_consumer_line, rung) == 64, "consumer line");
L3_STATIC_ASSERT(sizeof(struct l3_descriptor) == 64, "descriptor");
L3_STATIC_ASSERT(offsetof(struct l3_descriptor, payload_bytes) == 24, "descriptor");
L3_STATIC_ASSERT(offsetof(struct l3_descriptor, crc32c) == 36, "descriptor");

static inline uint64_t l3_lane_ring_at(uint32_t lane_depth) {
  return l3_align_up(L3_LANE_DESCRIPTORS_AT + 2 * (uint64_t)lane_depth * sizeof(struct l3_descriptor),
                     L3_LANE_RING_ALIGNMENT);
}

static inline uint64_t l3_lane_bytes(uint32_t lane_depth, uint64_t ring_bytes) {
  return l3_align_up(l3_lane_ring_at(lane_depth) + ring_bytes, L3_PAGE_BYTES);
}

/* Bytes before the first lane: geometry and table, whole pages. */
static inline uint64_t l3_channel_head_bytes(uint64_t lanes_both_ways) {
  return l3_align_up(L3_LANE_TABLE_AT + lanes_both_ways * sizeof(struct l3_lane_entry), L3_PAGE_BYTES);
}

/* Where the payload of the next message begins, given where the one before ended. */
static inline uint64_t l3_payload_position(uint64_t previous_end, uint64_t payload_bytes, uint64_t ring_bytes,
                                           uint32_t alignment) {
  uint64_t position = l3_align_up(previous_end, alignment);
  uint64_t place = position % ring_bytes;
  return place + payload_bytes > ring_bytes ? position + (ring_bytes - place) : position;
}

#endif /* L3LINK_BACKENDS_ABI_CHANNEL_LAYOUT_H_ */
