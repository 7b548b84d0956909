#include "backends/sim/chip/seeded_payload.h"

#include <algorithm>
#include <cstring>

namespace l3link {
namespace {

constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

uint64_t Base(uint64_t seed, uint32_t lane, uint64_t sequence) {
  uint64_t word = seed + kStep * ((uint64_t{lane} << 48) + sequence);
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

}  // namespace

void FillSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<uint8_t> out) {
  uint64_t next = Base(seed, lane, sequence);
  uint64_t word = sequence;
  for (size_t at = 0; at < out.size(); at += 8) {
    memcpy(out.data() + at, &word, std::min<size_t>(8, out.size() - at));
    word = next += kStep;
  }
}

bool IsSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<const uint8_t> payload) {
  uint64_t next = Base(seed, lane, sequence);
  uint64_t word = sequence;
  uint64_t wrong = 0;
  const uint8_t* at = payload.data();
  for (size_t words = payload.size() / 8; words > 0; --words, at += 8) {
    uint64_t found;
    memcpy(&found, at, 8);
    wrong |= found ^ word;
    word = next += kStep;
  }
  return wrong == 0 && (payload.size() % 8 == 0 || memcmp(at, &word, payload.size() % 8) == 0);
}

}  // namespace l3link
