// The project's side of the remote lane figures: the client library, a real l3linkd on loopback TCP, and its chip's process.
//
// One thread of the caller's; each call opens a channel of its own and closes it. What is received or sunk is verified.
#ifndef L3LINK_TESTS_BENCH_REMOTE_REMOTE_LANES_H_
#define L3LINK_TESTS_BENCH_REMOTE_REMOTE_LANES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/orchestrator.h"

namespace l3link::bench {

class RemoteLanes {
 public:
  // Of a node whose chips run echo, and of one whose chips run sink.
  RemoteLanes(const client::Orchestrator* echo, const client::Orchestrator* sink) : echo_(*echo), sink_(*sink) {}

  // Microseconds of each of `count` round trips of `bytes` through the echoing chip.
  absl::StatusOr<std::vector<double>> RoundTrips(uint32_t bytes, int count);

  // Messages a second into a chip that verifies every byte, over `streams` streams of one lane each at once.
  absl::StatusOr<double> StreamIn(uint32_t bytes, uint64_t count, uint32_t streams = 1);

 private:
  const client::Orchestrator& echo_;
  const client::Orchestrator& sink_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_REMOTE_LANES_H_
