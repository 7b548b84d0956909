#include "backends/sim/chip/seeded_payload.h"

#include <algorithm>
#include <cstring>

namespace l3link {
namespace {

uint64_t Word(uint64_t seed, uint32_t lane, uint64_t sequence, uint64_t index) {
  if (index == 0) return sequence;
  uint64_t word = seed + 0x9e3779b97f4a7c15u * ((uint64_t{lane} << 48) + (sequence << 16) + index);
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

}  // namespace

void FillSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<uint8_t> out) {
  for (size_t at = 0; at < out.size(); at += 8) {
    const uint64_t word = Word(seed, lane, sequence, at / 8);
    memcpy(out.data() + at, &word, std::min<size_t>(8, out.size() - at));
  }
}

bool IsSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<const uint8_t> payload) {
  const size_t words = payload.size() / 8;
  uint64_t wrong = 0;
  for (size_t i = 0; i < words; ++i) {
    uint64_t found;
    memcpy(&found, payload.data() + 8 * i, 8);
    wrong |= found ^ Word(seed, lane, sequence, i);
  }
  if (wrong != 0 || payload.size() % 8 == 0) return wrong == 0;
  const uint64_t rest = Word(seed, lane, sequence, words);
  return memcmp(payload.data() + 8 * words, &rest, payload.size() % 8) == 0;
}

}  // namespace l3link
