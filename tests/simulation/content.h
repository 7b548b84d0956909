// What messages say: a number, which travels as correlation id, tells size and bytes. So whoever finds a message anywhere
// knows whether it is whole, and which one it is. Pure.
#ifndef L3LINK_TESTS_SIMULATION_CONTENT_H_
#define L3LINK_TESTS_SIMULATION_CONTENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/simulation/random.h"

namespace l3link::simulation {

// Mostly small; at times the largest there is, or nothing at all.
inline uint32_t ContentBytes(uint64_t id, uint32_t max_bytes) {
  const uint64_t chance = Mix(id * 0x9e3779b97f4a7c15);
  switch (chance % 16) {
    case 0: return max_bytes;
    case 1: return 0;
    case 2:
    case 3: return static_cast<uint32_t>(chance >> 8) % (max_bytes + 1);
    default: return static_cast<uint32_t>(chance >> 8) % (max_bytes < 24 ? max_bytes + 1 : 25);
  }
}

inline char ContentByte(uint64_t id, uint32_t at) {
  return static_cast<char>(id * 31 + at * 7 + (id >> 8) + (at >> 5));
}

inline void FillContent(uint64_t id, uint32_t max_bytes, std::string* payload) {
  payload->resize(ContentBytes(id, max_bytes));
  for (uint32_t i = 0; i < payload->size(); ++i) (*payload)[i] = ContentByte(id, i);
}

inline bool IsContent(uint64_t id, uint32_t max_bytes, std::string_view payload) {
  if (payload.size() != ContentBytes(id, max_bytes)) return false;
  for (uint32_t i = 0; i < payload.size(); ++i) {
    if (payload[i] != ContentByte(id, i)) return false;
  }
  return true;
}

inline uint32_t ContentRoute(uint64_t id) { return static_cast<uint32_t>(id * 3); }

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_CONTENT_H_
