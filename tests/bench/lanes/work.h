// The work that every ring does in a lane figure: the producer writes messages from ready bytes, numbered in their first
// word; the consumer adds up all 64-bit words where they lie. The sum tells that nothing was lost or left unread.
#ifndef L3LINK_TESTS_BENCH_LANES_WORK_H_
#define L3LINK_TESTS_BENCH_LANES_WORK_H_

#include <cstdint>
#include <cstring>

namespace l3link::bench {

inline constexpr unsigned char kFiller = 0x5a;
inline constexpr uint64_t kFillerWord = 0x5a5a5a5a5a5a5a5a;

inline uint64_t SumOf(const void* payload, uint64_t bytes) {
  uint64_t sum = 0, word;
  for (uint64_t at = 0; at + sizeof(word) <= bytes; at += sizeof(word)) {
    std::memcpy(&word, static_cast<const char*>(payload) + at, sizeof(word));
    sum += word;
  }
  return sum;
}

// Of messages 0 to count - 1 of `bytes` each.
inline uint64_t ExpectedSum(uint64_t count, uint64_t bytes) {
  return count * (count - 1) / 2 + count * (bytes / sizeof(uint64_t) - 1) * kFillerWord;
}

// How many messages of a size make a run of some tenths of a second.
inline uint64_t MessagesOf(uint64_t bytes) { return bytes >= 4096 ? 500'000 : bytes >= 256 ? 2'000'000 : 5'000'000; }

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_LANES_WORK_H_
