#include "tests/history/payload.h"

#include <cstring>

namespace l3link::history {
namespace {

// The finalizer of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
uint64_t Mix(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

uint64_t KeyOf(const Identity& identity) {
  uint64_t key = Mix(identity.seed + kStep);
  key = Mix(key ^ (identity.lane + kStep));
  key = Mix(key ^ (identity.generation + kStep));
  key = Mix(key ^ (identity.session + kStep));
  return Mix(key ^ (identity.sequence + kStep));
}

size_t SizeOf(uint64_t key) {
  const uint64_t draw = Mix(key ^ kStep);
  const uint64_t kind = draw & 1023;
  const uint64_t range = kind == 0 ? kMostPayloadBytes - kLeastPayloadBytes + 1 : kind < 32 ? 1100 : 64;
  return kLeastPayloadBytes + (draw >> 10) % range;
}

}  // namespace

uint64_t WordOf(std::string_view name) { return DigestOf(name); }

size_t WritePayload(const Identity& identity, char* place) {
  const uint64_t key = KeyOf(identity);
  const size_t bytes = SizeOf(key);
  for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    const uint64_t word = Mix(key + kStep * (1 + at));
    std::memcpy(place + at, &word, sizeof(word));
  }
  return bytes;
}

uint64_t DigestOf(std::string_view bytes) {
  uint64_t digest = Mix(bytes.size() + kStep);
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    digest = (digest ^ word) * 0xff51afd7ed558ccdu;
    digest ^= digest >> 32;
  }
  uint64_t rest = 0;
  if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  return Mix(digest ^ rest);
}

Fingerprint FingerprintOf(const Identity& identity) {
  char place[kMostPayloadBytes + sizeof(uint64_t)];
  const size_t bytes = WritePayload(identity, place);
  return {static_cast<uint32_t>(bytes), DigestOf({place, bytes})};
}

}  // namespace l3link::history
