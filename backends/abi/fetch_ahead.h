/* Fetching cache lines before they are needed.
 *
 * Every line of a lane was last touched by the other side, on another core. While a side works on one message, the lines of
 * those behind it are on their way: that, not the work, decides how many small messages a second go through a lane. Used by both
 * sides, each while it knows that the other is not at work on those lines: the producer while there is room behind
 * them, the consumer while they are published; and by a consumer that polls an empty lane, for the next message's, which the
 * producer may take back once. Fetching changes nothing and cannot fail. */
#ifndef L3LINK_BACKENDS_ABI_FETCH_AHEAD_H_
#define L3LINK_BACKENDS_ABI_FETCH_AHEAD_H_

#include "backends/abi/base.h"

enum {
  L3_AHEAD_MESSAGES = 8, /* of descriptors */
  L3_AHEAD_BYTES = 512,  /* of the payload ring */
  L3_AHEAD_LARGEST = 256 /* a larger payload is fetched by the processor itself, as it is copied or read */
};

/* The line of `at`, to be read. */
static inline void l3_fetch_to_read(const void* at) { __builtin_prefetch(at, 0); }

/* The line of `at`, taken from the other side, to be written. By hand on x86: there the builtin is a fetch to read, unless the
 * compiler is told of a newer processor. */
static inline void l3_fetch_to_write(const void* at) {
#if defined(__x86_64__)
  __asm__ volatile("prefetchw %0" : : "m"(*(const char*)at));
#else
  __builtin_prefetch(at, 1);
#endif
}

/* What lies L3_AHEAD_BYTES behind the payload of `bytes` at `place`: as many bytes, so that nothing is left out. */
static inline void l3_fetch_payload_ahead(const uint8_t* ring, uint64_t ring_bytes, uint64_t place, uint64_t bytes,
                                          void (*fetch)(const void* at)) {
  uint64_t at = place + L3_AHEAD_BYTES, line;
  if (bytes > L3_AHEAD_LARGEST) return;
  for (line = 0; line < bytes; line += 64, at += 64) {
    if (at >= ring_bytes) at -= ring_bytes;
    if (at < ring_bytes) fetch(ring + at);
  }
}

#endif /* L3LINK_BACKENDS_ABI_FETCH_AHEAD_H_ */
