/* Sending from a chip program: chip_to_host lanes.
 *
 * Included by chip programs, on the thread that owns the struct l3_chip. Nothing blocks: L3_AGAIN when the ring is
 * full; wait with l3_wait_room (chip_wait.h). Three ways, freely mixed:
 *
 *   l3_send(&sender, &message)                          copies, publishes
 *   l3_send_batch(&sender, messages, count, &sent)      copies as many as fit, publishes once
 *   l3_reserve(&sender, bytes, &place), fill place,     in place: compute the answer where it will be read
 *   l3_stage(&sender, correlation_id, route) ...,       staged messages are invisible until
 *   l3_publish(&sender)                                 one store shows them all
 *
 * A program that dies before l3_publish leaves nothing behind; one that opens the lane again goes on behind the last
 * published message, at the ring's own positions. */
#ifndef L3LINK_BACKENDS_ABI_CHIP_SEND_H_
#define L3LINK_BACKENDS_ABI_CHIP_SEND_H_

#include "backends/abi/chip_lane.h"
#include "backends/abi/crc32c.h"
#include "backends/abi/fetch_ahead.h"
#include "backends/abi/write_descriptor.h"

struct l3_sender {
  struct l3_lane lane;
  uint64_t published; /* the lane's tail */
  uint64_t staged;    /* count of messages ever staged, >= published */
  uint64_t end;       /* where the newest staged payload ends */
  uint64_t head;      /* the host's, as last loaded */
  uint64_t freed_end; /* where the payload of message head - 1 ended */
  uint64_t reserved_position;
  uint32_t reserved_bytes;
  int reserved; /* l3_reserve has been answered, l3_stage not yet called */
};

/* Where the payload of message `sequence` ended, by its descriptor. */
static inline uint64_t l3_sent_end(const struct l3_sender* sender, uint64_t sequence) {
  const struct l3_descriptor* slot = &sender->lane.slots[sequence & sender->lane.slot_mask];
  return slot->payload_position + slot->payload_bytes;
}

/* Loads the host's head: L3_OK, or L3_ECORRUPT when it is not within the lane. */
static inline int l3_sender_poll(struct l3_sender* sender) {
  uint64_t head =
      l3_load_acquire_u64(&sender->lane.consumer->head); /* the host's release: these slots are ours again */
  if (head == sender->head) return L3_OK;
  if (sender->published - head > sender->lane.lane_depth || head < sender->head) return L3_ECORRUPT;
  sender->head = head;
  sender->freed_end = l3_sent_end(sender, head - 1);
  return L3_OK;
}

/* As l3_sender_poll, and asks the host to ring at its next ack. Before relying on a doorbell for room. */
static inline int l3_sender_look(struct l3_sender* sender) {
  l3_look(&sender->lane.consumer->rung, &sender->lane.producer->seen, &sender->lane.seen);
  return l3_sender_poll(sender);
}

/* Opens chip_to_host lane `index` at the ring's own positions and tells the host to look. L3_ENOENT, L3_ECLOSED,
 * L3_ECORRUPT. */
static inline int l3_sender_open(const struct l3_channel* channel, uint32_t index, struct l3_sender* sender) {
  int code = l3_lane_open(channel, L3_CHIP_TO_HOST, index, &sender->lane);
  if (code != L3_OK) return code;
  struct l3_lane* lane = &sender->lane;
  sender->published = sender->staged = l3_load_relaxed_u64(&lane->producer->tail);
  sender->end = sender->published ? l3_sent_end(sender, sender->published - 1) : 0;
  sender->head = l3_load_acquire_u64(&lane->consumer->head);
  if (sender->published - sender->head > lane->lane_depth) return L3_ECORRUPT;
  sender->freed_end = sender->head ? l3_sent_end(sender, sender->head - 1) : 0;
  if (sender->end - sender->freed_end > lane->ring_bytes) return L3_ECORRUPT;
  sender->reserved = 0;
  lane->seen = l3_load_relaxed_u32(&lane->producer->seen);
  lane->rung = l3_load_relaxed_u32(&lane->producer->rung) + 1;
  l3_store_release_u32(&lane->producer->rung, lane->rung);
  l3_call_host(channel->chip);
  return L3_OK;
}

/* Room for one message of exactly `payload_bytes`, aligned and contiguous. A second reserve replaces the first.
 * L3_AGAIN, L3_E2BIG, L3_ECLOSED, L3_ECORRUPT. */
static inline int l3_reserve(struct l3_sender* sender, uint32_t payload_bytes, uint8_t** place) {
  struct l3_lane* lane = &sender->lane;
  sender->reserved = 0;
  if (payload_bytes > lane->max_message_bytes) return L3_E2BIG;
  if (l3_lane_closed(lane)) return L3_ECLOSED;
  uint64_t position = l3_align_up(sender->end, lane->alignment);
  uint64_t at = l3_place(lane, position);
  if (at + payload_bytes > lane->ring_bytes) {
    position += lane->ring_bytes - at;
    at = 0;
  }
  for (int polled = 0; sender->staged - sender->head >= lane->lane_depth ||
                       position + payload_bytes - sender->freed_end > lane->ring_bytes;
       ++polled) {
    if (polled) return L3_AGAIN;
    int code = l3_sender_poll(sender);
    if (code != L3_OK) return code;
  }
  if (sender->staged - sender->head + L3_AHEAD_MESSAGES < lane->lane_depth) {
    l3_fetch_to_write(&lane->slots[(sender->staged + L3_AHEAD_MESSAGES) & lane->slot_mask]);
    l3_fetch_payload_ahead(lane->ring, lane->ring_bytes, at, payload_bytes, l3_fetch_to_write);
  }
  sender->reserved = 1;
  sender->reserved_position = position;
  sender->reserved_bytes = payload_bytes;
  *place = lane->ring + at;
  return L3_OK;
}

/* Puts the reserved and now filled message behind those staged before. Its sequence is sender->staged - 1. L3_EINVAL
 * without a reservation. */
static inline int l3_stage(struct l3_sender* sender, uint64_t correlation_id, uint32_t route) {
  struct l3_lane* lane = &sender->lane;
  if (!sender->reserved) return L3_EINVAL;
  uint32_t crc =
      lane->checksum ? l3_crc32c(lane->ring + l3_place(lane, sender->reserved_position), sender->reserved_bytes) : 0;
  struct l3_descriptor descriptor = {
      sender->staged, correlation_id, sender->reserved_position, sender->reserved_bytes, route, 0, crc, {0, 0, 0}};
  l3_write_descriptor(&descriptor, &lane->slots[sender->staged & lane->slot_mask]);
  sender->end = sender->reserved_position + sender->reserved_bytes;
  sender->staged += 1;
  sender->reserved = 0;
  return L3_OK;
}

/* Shows all staged messages with one store, and rings. Without any: nothing. */
static inline void l3_publish(struct l3_sender* sender) {
  struct l3_lane* lane = &sender->lane;
  if (sender->published == sender->staged) return;
  sender->published = sender->staged;
  l3_store_release_u64(&lane->producer->tail, sender->published); /* pairs with the host's acquire of tail */
  l3_ring_host(lane->chip, &lane->producer->rung, &lane->rung, &lane->consumer->seen);
}

static inline int l3_stage_copy(struct l3_sender* sender, const struct l3_message* message) {
  uint8_t* place;
  int code = l3_reserve(sender, message->payload_bytes, &place);
  if (code != L3_OK) return code;
  if (message->payload_bytes) __builtin_memcpy(place, message->payload, message->payload_bytes);
  return l3_stage(sender, message->correlation_id, message->route);
}

/* Copies and publishes one message (message->sequence is not read). L3_AGAIN, L3_E2BIG, L3_ECLOSED, L3_ECORRUPT. */
static inline int l3_send(struct l3_sender* sender, const struct l3_message* message) {
  int code = l3_stage_copy(sender, message);
  if (code == L3_OK) l3_publish(sender);
  return code;
}

/* Copies as many of `count` messages as fit and publishes them with one store; *sent says how many. The code is that of
 * the first message that did not go, L3_OK when all went. */
static inline int l3_send_batch(struct l3_sender* sender, const struct l3_message* messages, uint32_t count,
                                uint32_t* sent) {
  int code = L3_OK;
  for (*sent = 0; *sent < count; ++*sent) {
    code = l3_stage_copy(sender, &messages[*sent]);
    if (code != L3_OK) break;
  }
  l3_publish(sender);
  return code;
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_SEND_H_ */
