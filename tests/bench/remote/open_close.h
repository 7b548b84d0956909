// Opening and closing many channels of a node, with the config that users get by default: one call a channel, one after the
// other, from one thread.
#ifndef L3LINK_TESTS_BENCH_REMOTE_OPEN_CLOSE_H_
#define L3LINK_TESTS_BENCH_REMOTE_OPEN_CLOSE_H_

#include "absl/status/statusor.h"
#include "client/orchestrator.h"

namespace l3link::bench {

// Seconds for all.
struct OpenClose {
  double open = 0;
  double close = 0;
};
absl::StatusOr<OpenClose> OpenAndClose(const client::Orchestrator& node, int channels);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_OPEN_CLOSE_H_
