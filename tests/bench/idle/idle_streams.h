// Many streams of a node that have nothing to do: each holds both lanes of a channel of its own.
//
// One thread of the caller's; the connections' own threads renew the leases, as in any client.
#ifndef L3LINK_TESTS_BENCH_IDLE_IDLE_STREAMS_H_
#define L3LINK_TESTS_BENCH_IDLE_IDLE_STREAMS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/orchestrator.h"

namespace l3link::bench {

// In this time each stream with the default lease renews it once: a quarter of 30 s, and a beat of 1/128.
inline constexpr absl::Duration kRenewalPeriod = absl::Milliseconds(7734);

class IdleStreams {
 public:
  // Connects, and opens `channels` on chip 0; no stream yet.
  static absl::StatusOr<std::unique_ptr<IdleStreams>> Open(const std::string& target, size_t connections,
                                                           size_t channels);

  // Attaches streams until there are `count`, at most one a channel, the connections in turn.
  absl::Status GrowTo(size_t count);

 private:
  IdleStreams() = default;

  std::vector<std::unique_ptr<client::Orchestrator>> connections_;
  std::vector<std::unique_ptr<client::Channel>> channels_;
  std::vector<std::unique_ptr<client::LaneStream>> streams_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_IDLE_IDLE_STREAMS_H_
