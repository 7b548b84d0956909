// Monotonic time: the only clock that leases, waits and back-offs know. Stateless; any thread.
#ifndef L3LINK_CLIENT_STEADY_TIME_H_
#define L3LINK_CLIENT_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace l3link::client {

using MonoTime = std::chrono::steady_clock::time_point;

inline constexpr MonoTime kNever = MonoTime::max();

inline MonoTime MonoNow() { return std::chrono::steady_clock::now(); }

// `from` + `duration`, saturating: an infinite duration ends never, a negative one now.
inline MonoTime After(MonoTime from, absl::Duration duration) {
  if (from == kNever || duration >= absl::Hours(24 * 365 * 100)) return kNever;
  if (duration <= absl::ZeroDuration()) return from;
  return from + absl::ToChronoNanoseconds(duration);
}

// `to` - `from`; infinite when `to` is never.
inline absl::Duration Between(MonoTime from, MonoTime to) {
  if (to == kNever) return absl::InfiniteDuration();
  return absl::FromChrono(to - from);
}

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_STEADY_TIME_H_
