/* A chip program's view of a channel, and what its lane views have in common. chip_send.h and chip_receive.h do the
 * work.
 *
 * Included by chip programs, on the thread that owns the struct l3_chip. Views are plain values: drop one by forgetting
 * it. A view is good until its channel is closed or its lane reset; then its calls answer L3_ECLOSED (the memory stays
 * mapped and is not used by anything else until the program acknowledges the change, so a late call hurts nobody). */
#ifndef L3LINK_BACKENDS_ABI_CHIP_LANE_H_
#define L3LINK_BACKENDS_ABI_CHIP_LANE_H_

#include "backends/abi/channel_layout.h"
#include "backends/abi/chip.h"

/* A message as both directions give it. A received payload lies in the ring until it is released. */
struct l3_message {
  uint64_t sequence; /* its number in the lane; set by the receiving calls, and by a send as it is staged */
  uint64_t correlation_id;
  const uint8_t* payload;
  uint32_t payload_bytes;
  uint32_t route;
};

struct l3_channel {
  struct l3_chip* chip;
  struct l3_object object;             /* its directory entry, copied */
  struct l3_channel_geometry geometry; /* a private, checked copy */
};

/* One lane, either direction: where its parts are, and this side's own words. */
struct l3_lane {
  struct l3_chip* chip;
  const uint64_t* channel_now; /* the directory entry's and the lane entry's generation, as they are now, */
  const uint64_t* lane_now;
  uint64_t channel_generation; /* and as they were when the view was opened */
  uint64_t lane_generation;
  uint64_t checked_version; /* directory_version at which both were last compared */
  struct l3_producer_line* producer;
  struct l3_consumer_line* consumer;
  struct l3_descriptor* slots;
  uint8_t* ring;
  uint64_t ring_bytes;
  uint64_t lap; /* a multiple of ring_bytes: the lap of the ring that positions are in now */
  uint32_t lane_depth;
  uint32_t slot_mask;
  uint32_t max_message_bytes;
  uint32_t alignment;
  uint32_t checksum;
  uint32_t rung; /* this side's two words, kept privately */
  uint32_t seen;
};

/* L3_EINVAL: not a channel. L3_ECLOSED: gone meanwhile. L3_ECORRUPT: its geometry is impossible. */
static inline int l3_channel_open(struct l3_chip* chip, const struct l3_object* object, struct l3_channel* channel) {
  const struct l3_directory_entry* entry = &object->entry;
  struct l3_channel_geometry* geometry = &channel->geometry;
  uint64_t lanes, largest;
  if (entry->kind != L3_OBJECT_CHANNEL) return L3_EINVAL;
  channel->chip = chip;
  channel->object = *object;
  if (entry->bytes < L3_LANE_TABLE_AT) return L3_ECORRUPT;
  __builtin_memcpy(geometry, chip->base + entry->offset, sizeof(*geometry));
  l3_fence_acquire(); /* the copy is from before this look: the object was whole while it was copied */
  if (!l3_object_is_current(chip, object->index, entry->generation)) return L3_ECLOSED;
  lanes = (uint64_t)geometry->lane_count[0] + geometry->lane_count[1];
  if (geometry->generation != entry->generation || lanes > entry->bytes / sizeof(struct l3_lane_entry) ||
      geometry->lane_depth == 0 || (geometry->lane_depth & (geometry->lane_depth - 1)) != 0 ||
      geometry->lane_depth > (1u << 30) || geometry->alignment < 8 || geometry->alignment > L3_LANE_RING_ALIGNMENT ||
      (geometry->alignment & (geometry->alignment - 1)) != 0 || geometry->ring_bytes > chip->arena_bytes ||
      geometry->ring_bytes == 0 || geometry->ring_bytes % geometry->alignment != 0)
    return L3_ECORRUPT;
  largest = l3_align_up(geometry->max_message_bytes, geometry->alignment);
  if (geometry->ring_bytes < 2 * largest || l3_channel_head_bytes(lanes) > entry->bytes) return L3_ECORRUPT;
  return L3_OK;
}

static inline uint32_t l3_lane_count(const struct l3_channel* channel, int direction) {
  return channel->geometry.lane_count[direction];
}

/* lane = route mod lane_count: for everything that sends by route. 0 where the direction has no lane. */
static inline uint32_t l3_lane_of_route(const struct l3_channel* channel, int direction, uint32_t route) {
  uint32_t lanes = channel->geometry.lane_count[direction];
  return lanes ? route % lanes : 0;
}

/* The parts of a lane as the lane table has it now. l3_sender_open and l3_receiver_open call this. */
static inline int l3_lane_open(const struct l3_channel* channel, int direction, uint32_t index, struct l3_lane* lane) {
  struct l3_chip* chip = channel->chip;
  const struct l3_channel_geometry* geometry = &channel->geometry;
  const struct l3_lane_entry* entry =
      (const struct l3_lane_entry*)(const void*)(chip->base + channel->object.entry.offset + L3_LANE_TABLE_AT) +
      (direction == L3_CHIP_TO_HOST ? geometry->lane_count[L3_HOST_TO_CHIP] : 0) + index;
  uint64_t offset, bytes = l3_lane_bytes(geometry->lane_depth, geometry->ring_bytes);
  uint8_t* at;
  if (index >= geometry->lane_count[direction]) return L3_ENOENT;
  lane->chip = chip;
  lane->channel_now = &chip->directory[channel->object.index].generation;
  lane->channel_generation = channel->object.entry.generation;
  lane->lane_now = &entry->generation;
  lane->checked_version = l3_load_acquire_u64(&chip->arena->host.directory_version);
  lane->lane_generation = l3_load_acquire_u64(&entry->generation); /* pairs with the host's release of a whole entry */
  offset = l3_load_relaxed_u64(&entry->offset);
  l3_fence_acquire(); /* the offset is from before the second look */
  if (lane->lane_generation == 0 || l3_load_relaxed_u64(&entry->generation) != lane->lane_generation ||
      l3_load_relaxed_u64(lane->channel_now) != lane->channel_generation)
    return L3_ECLOSED;
  if (offset % L3_PAGE_BYTES != 0 || offset > chip->arena_bytes || bytes > chip->arena_bytes - offset)
    return L3_ECORRUPT;
  at = chip->base + offset;
  lane->producer = (struct l3_producer_line*)(void*)at;
  lane->consumer = (struct l3_consumer_line*)(void*)(at + L3_LANE_CONSUMER_AT);
  lane->slots = (struct l3_descriptor*)(void*)(at + L3_LANE_DESCRIPTORS_AT);
  lane->ring = at + l3_lane_ring_at(geometry->lane_depth);
  lane->ring_bytes = geometry->ring_bytes;
  lane->lap = 0;
  lane->lane_depth = geometry->lane_depth;
  lane->slot_mask = 2 * geometry->lane_depth - 1;
  lane->max_message_bytes = geometry->max_message_bytes;
  lane->alignment = geometry->alignment;
  lane->checksum = geometry->flags & L3_CHANNEL_CHECKSUM;
  return L3_OK;
}

/* Whether the channel was closed or the lane reset. Costs one load while the directory stays as it is. */
static inline int l3_lane_closed(struct l3_lane* lane) {
  uint64_t version = l3_load_acquire_u64(&lane->chip->arena->host.directory_version);
  if (version == lane->checked_version) return 0;
  if (l3_load_acquire_u64(lane->channel_now) != lane->channel_generation ||
      l3_load_acquire_u64(lane->lane_now) != lane->lane_generation)
    return 1;
  lane->checked_version = version;
  return 0;
}

/* position mod ring_bytes, without a division while positions stay in the same lap. */
static inline uint64_t l3_place(struct l3_lane* lane, uint64_t position) {
  if (position - lane->lap >= lane->ring_bytes) lane->lap = position - position % lane->ring_bytes;
  return position - lane->lap;
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_LANE_H_ */
