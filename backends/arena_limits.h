// The largest arena of each platform: what the platforms enforce, the options are checked against and the table of limits says.
#ifndef L3LINK_BACKENDS_ARENA_LIMITS_H_
#define L3LINK_BACKENDS_ARENA_LIMITS_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace l3link {

inline constexpr uint64_t kMaxArenaBytesA2a3sim = uint64_t{64} << 30;
inline constexpr uint64_t kMaxArenaBytesA5sim = uint64_t{128} << 30;
// Of any platform.
inline constexpr uint64_t kMaxArenaBytes = kMaxArenaBytesA5sim;

constexpr uint64_t MaxArenaBytesOf(absl::string_view platform) {
  return platform == "a2a3sim" ? kMaxArenaBytesA2a3sim : kMaxArenaBytes;
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ARENA_LIMITS_H_
