/* Waiting in a chip program, by the caller's choice: spin, back off, or sleep on the doorbell.
 *
 * Included by chip programs, on the thread that owns the struct l3_chip. Every wait keeps the heartbeat, sleeps at most
 * a quarter of a second at a time, and ends early with L3_ECHANGED while a change of the directory is not acknowledged
 * (the object waited for may be gone). A timeout of 0 is one probe. */
#ifndef L3LINK_BACKENDS_ABI_CHIP_WAIT_H_
#define L3LINK_BACKENDS_ABI_CHIP_WAIT_H_

#include "backends/abi/chip.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"

#define L3_FOREVER UINT64_MAX

enum l3_wait_how {
  L3_WAIT_SPIN = 0,    /* looks without a pause: lowest latency, one core */
  L3_WAIT_BACKOFF = 1, /* looks with pauses that double up to 64 relaxes */
  L3_WAIT_DOORBELL = 2 /* sleeps on one word; backs off where the platform cannot sleep */
};

/* Of a spinning wait, since the clock costs more than a look. */
#define L3_LOOKS_A_CLOCK 16u

/* L3_AGAIN: keep waiting; any other code ends the wait and is its answer. Must call the *_look function of everything
 * it tests, first: that is what makes the host ring. With L3_WAIT_SPIN *_poll is enough, and spares the host the ringing. */
typedef int (*l3_ready)(void* context);

/* One sleep on the doorbell: arms it, looks once more, sleeps until `deadline_us` or a quarter of a second. */
static inline int l3_doze(struct l3_chip* chip, l3_ready ready, void* context, uint64_t timeout_us) {
  struct l3_doorbell* bell = &chip->arena->to_chip;
  uint64_t version;
  uint32_t word = l3_load_acquire_u32(&bell->word);
  l3_store_relaxed_u32(&bell->armed, 1);
  l3_fence_full(); /* (2) of doorbell.h: the host sees armed, or we see what it rang for */
  int code = ready(context);
  if (code == L3_AGAIN && l3_directory_changed(chip, &version)) code = L3_ECHANGED;
  if (code == L3_AGAIN)
    chip->platform.sleep(chip->platform.context, &bell->word, word, timeout_us < L3_BEAT_US ? timeout_us : L3_BEAT_US);
  l3_store_relaxed_u32(&bell->armed, 0);
  return code;
}

static inline void l3_pause(struct l3_chip* chip, uint32_t times) {
  for (; times && chip->platform.relax; --times) chip->platform.relax(chip->platform.context);
}

/* Until ready(context) is no longer L3_AGAIN (its code), the directory changes (L3_ECHANGED), or the time is over
 * (L3_AGAIN). */
static inline int l3_wait(struct l3_chip* chip, int how, l3_ready ready, void* context, uint64_t timeout_us) {
  uint64_t looks = 0, start = 0;
  uint32_t pause = 1;
  for (;; ++looks) {
    uint64_t version, now, waited;
    int code = ready(context);
    if (code != L3_AGAIN) return code;
    if (l3_stopped(chip)) return L3_ESTOPPED;
    if (l3_directory_changed(chip, &version)) return L3_ECHANGED;
    if (how == L3_WAIT_SPIN && looks % L3_LOOKS_A_CLOCK != 0) {
      l3_pause(chip, 1);
      continue;
    }
    now = l3_beat(chip);
    if (looks == 0) start = now;
    waited = now - start;
    if (waited >= timeout_us) return L3_AGAIN;
    if (how == L3_WAIT_DOORBELL && chip->platform.sleep) {
      code = l3_doze(chip, ready, context, timeout_us - waited);
      if (code != L3_AGAIN) return code;
    } else if (how == L3_WAIT_SPIN) {
      l3_pause(chip, 1);
    } else {
      l3_pause(chip, pause);
      if (pause < 64) pause *= 2;
    }
  }
}

static inline int l3_message_ready(void* receiver) {
  struct l3_receiver* in = (struct l3_receiver*)receiver;
  if (l3_lane_closed(&in->lane)) return L3_ECLOSED;
  return l3_receiver_look(in);
}

static inline int l3_message_there(void* receiver) {
  struct l3_receiver* in = (struct l3_receiver*)receiver;
  if (l3_lane_closed(&in->lane)) return L3_ECLOSED;
  return l3_receiver_poll(in);
}

/* L3_OK: l3_take will answer. */
static inline int l3_wait_message(struct l3_receiver* receiver, int how, uint64_t timeout_us) {
  return l3_wait(receiver->lane.chip, how, how == L3_WAIT_SPIN ? l3_message_there : l3_message_ready, receiver,
                 timeout_us);
}

struct l3_room_wanted {
  struct l3_sender* sender;
  uint32_t payload_bytes;
};

static inline int l3_room_ready(void* wanted) {
  struct l3_room_wanted* room = (struct l3_room_wanted*)wanted;
  uint8_t* place;
  int code = l3_sender_look(room->sender);
  if (code == L3_OK) code = l3_reserve(room->sender, room->payload_bytes, &place);
  room->sender->reserved = 0; /* only asked */
  return code;
}

/* L3_OK: a message of `payload_bytes` has room. */
static inline int l3_wait_room(struct l3_sender* sender, uint32_t payload_bytes, int how, uint64_t timeout_us) {
  struct l3_room_wanted room;
  room.sender = sender;
  room.payload_bytes = payload_bytes;
  return l3_wait(sender->lane.chip, how, l3_room_ready, &room, timeout_us);
}

struct l3_signal_wanted {
  struct l3_region* region;
  uint64_t target;
  uint32_t signal;
  uint32_t comparison;
};

static inline int l3_signal_ready(void* wanted) {
  struct l3_signal_wanted* signal = (struct l3_signal_wanted*)wanted;
  l3_region_look(signal->region);
  if (l3_region_closed(signal->region)) return L3_ECLOSED;
  return l3_test(signal->region, signal->signal, signal->comparison, signal->target);
}

/* L3_OK: the signal compares so. */
static inline int l3_wait_signal(struct l3_region* region, uint32_t signal, uint32_t comparison, uint64_t target,
                                 int how, uint64_t timeout_us) {
  struct l3_signal_wanted wanted;
  wanted.region = region;
  wanted.target = target;
  wanted.signal = signal;
  wanted.comparison = comparison;
  return l3_wait(region->chip, how, l3_signal_ready, &wanted, timeout_us);
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_WAIT_H_ */
