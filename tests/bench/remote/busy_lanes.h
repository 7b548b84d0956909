// Lanes of one channel that are all busy: on each a stream with one message under way to the echoing chip and back, always.
// Beside them perhaps one lane that is stalled: its client reads nothing, so its chip cannot answer, so nothing more fits in.
//
// Everything happens on the client's one poller thread, in the callbacks of what arrives; the caller waits.
#ifndef L3LINK_TESTS_BENCH_REMOTE_BUSY_LANES_H_
#define L3LINK_TESTS_BENCH_REMOTE_BUSY_LANES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "client/orchestrator.h"

namespace l3link::bench {

struct BusyLanes {
  uint32_t busy = 31;
  bool stalled = false;  // one lane more
  int trips = 1000;      // on each busy lane
};

// Microseconds of every round trip of 64 bytes on the busy lanes.
absl::StatusOr<std::vector<double>> RoundTripsOf(const client::Orchestrator& echo, const BusyLanes& lanes);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_BUSY_LANES_H_
