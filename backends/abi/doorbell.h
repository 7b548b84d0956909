/* How one side tells the other to look, and how a side sleeps without losing a wake-up.
 *
 * Words of one direction: `rung` (the ringer's, one a lane or region), `seen` (the looker's copy of it), and one doorbell
 * for the whole arena: `word` (the ringer's) and `armed` (the looker's).
 *
 *   ringer                                      looker
 *   publish (tail, head or a signal)            seen := rung              ask to be rung again
 *   full fence                            (1)   full fence                                  (1)
 *   if seen == rung:                            drain: look at tail, head, signals
 *     rung + 1 (release)                        to sleep:
 *     full fence                          (2)     remember word; armed := 1
 *     if armed: word + 1, wake                    full fence                                (2)
 *                                                 look at every rung once more
 *                                                 wait on the word (at most 1 s); armed := 0
 *
 * (1) pairs with (1): either the ringer sees seen == rung and rings, or the looker's drain sees what was published.
 * (2) pairs with (2): either the ringer sees armed, or the looker sees rung. So a side that has not looked yet is rung
 * once, an awake side costs its peer no system call, and an idle side watches one word. Attaching, on either side, rings
 * everything. */
#ifndef L3LINK_BACKENDS_ABI_DOORBELL_H_
#define L3LINK_BACKENDS_ABI_DOORBELL_H_

#include "backends/abi/arena_layout.h"

/* The ringer's half after publishing, but for the word: 1 if the sleeper must be woken, else 0. `rung` is on the ringer's
 * line; its value is passed so that a side that trusts nobody need not read its own line back. */
static inline int l3_ring_due(uint32_t* rung, uint32_t* rung_value, const uint32_t* seen, struct l3_doorbell* bell) {
  l3_fence_full(); /* (1) */
  if (l3_load_relaxed_u32(seen) != *rung_value) return 0;
  *rung_value += 1;
  l3_store_release_u32(rung, *rung_value);
  l3_fence_full(); /* (2) */
  return l3_load_relaxed_u32(&bell->armed) != 0;
}

/* The same where several may ring at once, as the cores of a chip do: also changes the word. The host, which has one ringer at a
 * time, stores its word instead: a read-modify-write of mapped device memory may fault (HostBell). */
static inline int l3_ring(uint32_t* rung, uint32_t* rung_value, const uint32_t* seen, struct l3_doorbell* bell) {
  if (!l3_ring_due(rung, rung_value, seen, bell)) return 0;
  __atomic_fetch_add(&bell->word, 1u, __ATOMIC_RELEASE);
  return 1;
}

/* The looker's half before draining: asks to be rung at the next change. Returns whether there was a ring. */
static inline int l3_look(const uint32_t* rung, uint32_t* seen, uint32_t* seen_value) {
  uint32_t now = l3_load_acquire_u32(rung);
  int was_rung = now != *seen_value;
  if (was_rung) {
    *seen_value = now;
    l3_store_relaxed_u32(seen, now);
    l3_fence_full(); /* (1) */
  }
  return was_rung;
}

#endif /* L3LINK_BACKENDS_ABI_DOORBELL_H_ */
