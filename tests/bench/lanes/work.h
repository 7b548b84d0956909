/* The work that every ring does in a lane figure, the same code on both sides and for every ring.
 *
 * The producer makes each message whole: its number in the first 64-bit word, and a byte that changes with the number in all
 * others. The consumer adds up all 64-bit words where they lie. The sum tells that every byte was moved: what an earlier lap
 * left in a slot has another byte (251 is prime to any ring's depth). C11 and C++20. */
#ifndef L3LINK_TESTS_BENCH_LANES_WORK_H_
#define L3LINK_TESTS_BENCH_LANES_WORK_H_

#include <stdint.h>
#include <string.h>

enum { L3_BENCH_FILLERS = 251 };

/* `bytes`: a multiple of 8, at least 8. */
static inline void l3_bench_make(void* place, uint64_t bytes, uint64_t number) {
  memset(place, (int)(number % L3_BENCH_FILLERS), bytes);
  memcpy(place, &number, sizeof(number));
}

typedef uint64_t l3_bench_pair __attribute__((vector_size(16)));

/* 32 bytes a step: as fast as they can be read, so that it is the ring that is measured and not the adding. */
static inline uint64_t l3_bench_sum(const void* payload, uint64_t bytes) {
  l3_bench_pair sums[2] = {{0, 0}, {0, 0}}, pairs[2];
  uint64_t at = 0, word, sum;
  for (; at + sizeof(pairs) <= bytes; at += sizeof(pairs)) {
    memcpy(pairs, (const char*)payload + at, sizeof(pairs));
    sums[0] += pairs[0];
    sums[1] += pairs[1];
  }
  sum = sums[0][0] + sums[0][1] + sums[1][0] + sums[1][1];
  for (; at + sizeof(word) <= bytes; at += sizeof(word)) {
    memcpy(&word, (const char*)payload + at, sizeof(word));
    sum += word;
  }
  return sum;
}

/* Of messages 0 to count - 1 of `bytes` each. */
static inline uint64_t l3_bench_expected_sum(uint64_t count, uint64_t bytes) {
  const uint64_t laps = count / L3_BENCH_FILLERS, rest = count % L3_BENCH_FILLERS;
  const uint64_t fillers = laps * (L3_BENCH_FILLERS * (L3_BENCH_FILLERS - 1) / 2) + rest * (rest - 1) / 2;
  return count * (count - 1) / 2 + (bytes / 8 - 1) * 0x0101010101010101u * fillers;
}

/* How many messages of a size make a run of some tenths of a second. */
static inline uint64_t l3_bench_messages_of(uint64_t bytes) {
  return bytes >= 4096 ? 500000 : bytes >= 256 ? 2000000 : 5000000;
}

#endif /* L3LINK_TESTS_BENCH_LANES_WORK_H_ */
