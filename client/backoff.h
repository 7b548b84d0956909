// How long to wait before the next attempt to connect. Stateless; any thread.
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

inline double RandomJitter() {
  std::random_device device;
  return std::uniform_real_distribution<double>(0, 1)(device);
}

// Whether a stream that ended so may be made again: the transport or the node was away, nothing was decided.
bool IsRetryable(const absl::Status& status);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_BACKOFF_H_
