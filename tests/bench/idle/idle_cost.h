// What idle streams cost the process that serves them: l3linkd, and the raw server beside it. Each call works against a
// process of its own, fresh, so that nothing an earlier run left is taken for free.
#ifndef L3LINK_TESTS_BENCH_IDLE_IDLE_COST_H_
#define L3LINK_TESTS_BENCH_IDLE_IDLE_COST_H_

#include <cstddef>

#include "absl/status/statusor.h"

namespace l3link::bench {

// How streams are spread, the same on both sides.
struct IdleSpread {
  size_t streams = 1000;
  size_t connections = 10;
};

// Percent of one core that the daemon takes, with as many open channels, over a renewal of every lease.
absl::StatusOr<double> IdleCpuPercent(const IdleSpread& spread);

// Bytes of anonymous memory a stream, from when there is one on each connection until all are attached. The channels are
// open before.
absl::StatusOr<double> IdleBytes(const IdleSpread& spread);
absl::StatusOr<double> RawIdleBytes(const IdleSpread& spread);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_IDLE_IDLE_COST_H_
