/* Receiving in a chip program: host_to_chip lanes.
 *
 * Included by chip programs, on the thread that owns the struct l3_chip. Nothing blocks: L3_AGAIN when there is no
 * message; wait with l3_wait_message (chip_wait.h). Two ways:
 *
 *   l3_take(&receiver, &message)          in place: the payload stays in the ring, and several may be taken, until
 *   l3_release(&receiver, count)          gives the oldest `count` taken ones back to the host with one store
 *   l3_receive(&receiver, buffer, capacity, &message)   copies and releases
 *
 * A program that dies before l3_release meets the same messages with the same sequences when it opens the lane again.
 */
#ifndef L3LINK_BACKENDS_ABI_CHIP_RECEIVE_H_
#define L3LINK_BACKENDS_ABI_CHIP_RECEIVE_H_

#include "backends/abi/chip_lane.h"
#include "backends/abi/crc32c.h"

struct l3_receiver {
  struct l3_lane lane;
  uint64_t released; /* the lane's head */
  uint64_t taken;    /* next message to take, >= released */
  uint64_t tail;     /* the host's, as last loaded */
};

/* Opens host_to_chip lane `index` at the ring's own head and tells the host to look. L3_ENOENT, L3_ECLOSED,
 * L3_ECORRUPT. */
static inline int l3_receiver_open(const struct l3_channel* channel, uint32_t index, struct l3_receiver* receiver) {
  int code = l3_lane_open(channel, L3_HOST_TO_CHIP, index, &receiver->lane);
  if (code != L3_OK) return code;
  struct l3_lane* lane = &receiver->lane;
  receiver->released = receiver->taken = receiver->tail = l3_load_relaxed_u64(&lane->consumer->head);
  lane->seen = l3_load_acquire_u32(&lane->producer->rung);
  l3_store_relaxed_u32(&lane->consumer->seen, lane->seen);
  lane->rung = l3_load_relaxed_u32(&lane->consumer->rung) + 1;
  l3_store_release_u32(&lane->consumer->rung, lane->rung);
  l3_fence_full(); /* (1) of doorbell.h: the first poll sees whatever the host did not ring for */
  l3_call_host(channel->chip);
  return L3_OK;
}

/* Asks to be rung at the next publish, then loads the host's tail: L3_OK when there is something to take, L3_AGAIN,
 * L3_ECORRUPT. Safe to sleep on after L3_AGAIN, by the protocol of doorbell.h. */
static inline int l3_receiver_look(struct l3_receiver* receiver) {
  struct l3_lane* lane = &receiver->lane;
  l3_look(&lane->producer->rung, &lane->consumer->seen, &lane->seen);
  receiver->tail =
      l3_load_acquire_u64(&lane->producer->tail); /* the host's release: slots and payloads below are whole */
  if (receiver->tail - receiver->released > lane->lane_depth) {
    receiver->tail = receiver->taken;
    return L3_ECORRUPT;
  }
  return receiver->tail == receiver->taken ? L3_AGAIN : L3_OK;
}

/* The next message, in place. L3_AGAIN, L3_ECLOSED, or L3_ECORRUPT: not believable, or its checksum is wrong; it stays
 * there, and so does the code. */
static inline int l3_take(struct l3_receiver* receiver, struct l3_message* message) {
  struct l3_lane* lane = &receiver->lane;
  if (l3_lane_closed(lane)) return L3_ECLOSED;
  if (receiver->taken == receiver->tail) {
    int code = l3_receiver_look(receiver);
    if (code != L3_OK) return code;
  }
  const struct l3_descriptor* slot = &lane->slots[receiver->taken & lane->slot_mask];
  __builtin_prefetch(&lane->slots[(receiver->taken + 1) & lane->slot_mask]);
  uint64_t place = l3_place(lane, slot->payload_position);
  if (slot->sequence != receiver->taken || slot->payload_bytes > lane->max_message_bytes ||
      place + slot->payload_bytes > lane->ring_bytes)
    return L3_ECORRUPT;
  message->sequence = receiver->taken;
  message->correlation_id = slot->correlation_id;
  message->payload = lane->ring + place;
  message->payload_bytes = slot->payload_bytes;
  message->route = slot->route;
  if (lane->checksum && l3_crc32c(message->payload, message->payload_bytes) != slot->crc32c) return L3_ECORRUPT;
  receiver->taken += 1;
  return L3_OK;
}

/* Takes up to `most` messages; *count says how many. The code is L3_OK when there was at least one. */
static inline int l3_take_batch(struct l3_receiver* receiver, struct l3_message* messages, uint32_t most,
                                uint32_t* count) {
  int code = L3_AGAIN;
  for (*count = 0; *count < most; ++*count) {
    code = l3_take(receiver, &messages[*count]);
    if (code != L3_OK) break;
  }
  return *count ? L3_OK : code;
}

/* Puts the newest `count` taken messages back: they will be taken again. L3_EINVAL when fewer are taken. */
static inline int l3_untake(struct l3_receiver* receiver, uint64_t count) {
  if (count > receiver->taken - receiver->released) return L3_EINVAL;
  receiver->taken -= count;
  return L3_OK;
}

/* Gives the room of the oldest `count` taken messages back and rings; their payloads are the host's again. L3_EINVAL
 * when fewer are taken. */
static inline int l3_release(struct l3_receiver* receiver, uint64_t count) {
  struct l3_lane* lane = &receiver->lane;
  if (count > receiver->taken - receiver->released) return L3_EINVAL;
  if (count == 0) return L3_OK;
  receiver->released += count;
  l3_store_release_u64(&lane->consumer->head, receiver->released); /* pairs with the host's acquire of head */
  l3_ring_host(lane->chip, &lane->consumer->rung, &lane->rung, &lane->producer->seen);
  return L3_OK;
}

/* Copies the next message to `buffer` and releases it; message->payload is `buffer`. L3_E2BIG when it is larger than
 * `capacity` (message->payload_bytes says how large; it stays), else as l3_take. Not while other messages are taken:
 * L3_EINVAL, as for a null buffer with a capacity. */
static inline int l3_receive(struct l3_receiver* receiver, void* buffer, uint32_t capacity,
                             struct l3_message* message) {
  if (receiver->taken != receiver->released || (!buffer && capacity)) return L3_EINVAL;
  int code = l3_take(receiver, message);
  if (code != L3_OK) return code;
  if (message->payload_bytes > capacity) {
    l3_untake(receiver, 1);
    return L3_E2BIG;
  }
  if (buffer && message->payload_bytes) __builtin_memcpy(buffer, message->payload, message->payload_bytes);
  message->payload = (const uint8_t*)buffer;
  return l3_release(receiver, 1);
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_RECEIVE_H_ */
