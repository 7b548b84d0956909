// The project's side of the remote region figures: bulk to and from a region, and a notify that the chip answers.
#ifndef L3LINK_TESTS_BENCH_REMOTE_REMOTE_REGIONS_H_
#define L3LINK_TESTS_BENCH_REMOTE_REMOTE_REGIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/orchestrator.h"

namespace l3link::bench {

class RemoteRegions {
 public:
  // Of a node whose chip runs bench_signals.c.
  explicit RemoteRegions(const client::Orchestrator* signals) : signals_(*signals) {}

  // Bytes a second of one Write and of one Read of `bytes`; what is read is compared with what was written.
  struct Bulk {
    double write = 0;
    double read = 0;
  };
  absl::StatusOr<Bulk> WriteAndRead(uint64_t bytes);

  // Microseconds from Notify to the watch's event of what the chip answers, `count` times.
  absl::StatusOr<std::vector<double>> NotifyRoundTrips(int count);

  // The same with `idle` further waits armed on the same region, which nothing satisfies.
  absl::StatusOr<std::vector<double>> NotifyRoundTripsBeside(int idle, int count);

 private:
  const client::Orchestrator& signals_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_REMOTE_REGIONS_H_
