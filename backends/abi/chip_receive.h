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
#include "backends/abi/fetch_ahead.h"

struct l3_receiver {
  struct l3_lane lane;
  uint64_t released;   /* the lane's head */
  uint64_t taken;      /* next message to take, >= released */
  uint64_t tail;       /* the host's, as last loaded */
  uint64_t next_place; /* where the next payload lies if nothing is left out before it; in the ring */
};

/* Opens host_to_chip lane `index` at the ring's own head and tells the host to look. L3_ENOENT, L3_ECLOSED,
 * L3_ECORRUPT. */
static inline int l3_receiver_open(const struct l3_channel* channel, uint32_t index, struct l3_receiver* receiver) {
  int code = l3_lane_open(channel, L3_HOST_TO_CHIP, index, &receiver->lane);
  if (code != L3_OK) return code;
  struct l3_lane* lane = &receiver->lane;
  receiver->next_place = 0;
  receiver->released = receiver->taken = receiver->tail = l3_load_relaxed_u64(&lane->consumer->head);
  lane->seen = l3_load_acquire_u32(&lane->producer->rung);
  l3_store_relaxed_u32(&lane->consumer->seen, lane->seen);
  lane->rung = l3_load_relaxed_u32(&lane->consumer->rung) + 1;
  l3_store_release_u32(&lane->consumer->rung, lane->rung);
  l3_fence_full(); /* (1) of doorbell.h: the first poll sees whatever the host did not ring for */
  l3_call_host(channel->chip);
  return L3_OK;
}

/* Loads the host's tail: L3_OK when there is something to take, L3_AGAIN, L3_ECORRUPT. */
static inline int l3_receiver_poll(struct l3_receiver* receiver) {
  struct l3_lane* lane = &receiver->lane;
  if (receiver->tail == receiver->taken) { /* the next message comes together with the tail that tells of it */
    l3_fetch_to_read(&lane->slots[receiver->taken & lane->slot_mask]);
    l3_fetch_to_read(lane->ring + receiver->next_place);
  }
  uint64_t tail =
      l3_load_acquire_u64(&lane->producer->tail); /* the host's release: slots and payloads below it are whole */
  if (tail == receiver->tail) return tail == receiver->taken ? L3_AGAIN : L3_OK;
  if (tail - receiver->released > lane->lane_depth) {
    receiver->tail = receiver->taken;
    return L3_ECORRUPT;
  }
  receiver->tail = tail;
  return L3_OK;
}

/* As l3_receiver_poll, and asks to be rung at the next publish. Safe to sleep on after L3_AGAIN, by the protocol of
 * doorbell.h. */
static inline int l3_receiver_look(struct l3_receiver* receiver) {
  struct l3_lane* lane = &receiver->lane;
  l3_look(&lane->producer->rung, &lane->consumer->seen, &lane->seen);
  return l3_receiver_poll(receiver);
}

/* The message in slot `sequence`, below tail, in place; L3_ECORRUPT. */
static inline int l3_message_at(struct l3_lane* lane, uint64_t sequence, uint64_t tail, struct l3_message* message) {
  const struct l3_descriptor* slot = &lane->slots[sequence & lane->slot_mask];
  uint64_t place = l3_place(lane, slot->payload_position);
  if (slot->sequence != sequence || slot->payload_bytes > lane->max_message_bytes ||
      place + slot->payload_bytes > lane->ring_bytes)
    return L3_ECORRUPT;
  if (tail - sequence > L3_AHEAD_MESSAGES) {
    l3_fetch_to_read(&lane->slots[(sequence + L3_AHEAD_MESSAGES) & lane->slot_mask]);
    l3_fetch_payload_ahead(lane->ring, lane->ring_bytes, place, slot->payload_bytes, l3_fetch_to_read);
  }
  message->sequence = sequence;
  message->correlation_id = slot->correlation_id;
  message->payload = lane->ring + place;
  message->payload_bytes = slot->payload_bytes;
  message->route = slot->route;
  if (lane->checksum && l3_crc32c(message->payload, message->payload_bytes) != slot->crc32c) return L3_ECORRUPT;
  return L3_OK;
}

static inline void l3_expect_behind(struct l3_receiver* receiver, const struct l3_message* message) {
  uint64_t end = (uint64_t)(message->payload - receiver->lane.ring) + message->payload_bytes;
  receiver->next_place = end < receiver->lane.ring_bytes ? end : 0;
}

/* Takes up to `most` messages, in place; *count says how many. L3_OK when there was at least one, else L3_AGAIN, L3_ECLOSED, or
 * L3_ECORRUPT: the next one is not believable, or its checksum is wrong; it stays there, and so does the code. */
static inline int l3_take_batch(struct l3_receiver* receiver, struct l3_message* messages, uint32_t most,
                                uint32_t* count) {
  struct l3_lane lane = receiver->lane; /* in registers: no store to a message can be to it */
  const uint64_t first = receiver->taken;
  uint64_t next, end;
  int code = L3_OK;
  *count = 0;
  if (l3_lane_closed(&receiver->lane)) return L3_ECLOSED;
  if (receiver->tail - first < most && (code = l3_receiver_poll(receiver)) != L3_OK) return code;
  end = receiver->tail - first < most ? receiver->tail : first + most;
  for (next = first; next != end; ++next) {
    code = l3_message_at(&lane, next, receiver->tail, &messages[next - first]);
    if (code != L3_OK) break;
  }
  receiver->lane.lap = lane.lap;
  if (next != first) l3_expect_behind(receiver, &messages[next - first - 1]);
  receiver->taken = next;
  *count = (uint32_t)(next - first);
  return *count ? L3_OK : code;
}

/* The next message, as l3_take_batch takes it. */
static inline int l3_take(struct l3_receiver* receiver, struct l3_message* message) {
  struct l3_lane* lane = &receiver->lane;
  int code;
  if (l3_lane_closed(lane)) return L3_ECLOSED;
  if (receiver->taken == receiver->tail && (code = l3_receiver_poll(receiver)) != L3_OK) return code;
  code = l3_message_at(lane, receiver->taken, receiver->tail, message);
  if (code != L3_OK) return code;
  receiver->taken += 1;
  l3_expect_behind(receiver, message);
  return L3_OK;
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
