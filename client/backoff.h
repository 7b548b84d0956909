// How long to wait before the next attempt to connect, and until the present one is given up. Stateless; any thread.
#ifndef L3LINK_CLIENT_BACKOFF_H_
#define L3LINK_CLIENT_BACKOFF_H_

#include <algorithm>
#include <random>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace l3link::client {

// Half to all (by `jitter`, in [0, 1)) of 50 ms, 100 ms, 200 ms, ... 1 s.
inline absl::Duration BackoffOf(int attempts, double jitter) {
  const absl::Duration full = std::min(absl::Seconds(1), absl::Milliseconds(50) * (1 << std::min(attempts, 10)));
  return full * (1 - jitter / 2);
}

// How long a stream made again may wait for the answer to its attach before that is tried anew over a fresh connection:
// an eighth of the lease's ttl, 250 ms to 2 s; doubled by every silence before, so that a slow link gets its time, too.
inline absl::Duration AttachPatience(absl::Duration ttl, int silences) {
  const absl::Duration first = std::clamp(ttl / 8, absl::Milliseconds(250), absl::Seconds(2));
  return first * (1 << std::min(silences, 4));
}

// The same of an attached stream, for a renewal that is not answered while nothing else is heard either: a quarter of the
// ttl, 250 ms to 5 s, doubled up to half of the ttl.
inline absl::Duration SilencePatience(absl::Duration ttl, int silences) {
  const absl::Duration first = std::clamp(ttl / 4, absl::Milliseconds(250), absl::Seconds(5));
  return std::min(first * (1 << std::min(silences, 4)), std::max(ttl / 2, first));
}

inline double RandomJitter() {
  std::random_device device;
  return std::uniform_real_distribution<double>(0, 1)(device);
}

// Whether a stream that ended so may be made again: the transport or the node was away, nothing was decided.
bool IsRetryable(const absl::Status& status);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_BACKOFF_H_
