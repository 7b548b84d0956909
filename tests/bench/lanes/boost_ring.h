// The baseline of the lane figures: boost::lockfree::spsc_queue with slots of the message's size, between two processes that
// spin. Several ways to use it; the figure takes the fastest.
#ifndef L3LINK_TESTS_BENCH_LANES_BOOST_RING_H_
#define L3LINK_TESTS_BENCH_LANES_BOOST_RING_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace l3link::bench {

enum class BoostWay {
  kEach,     // make one, push it (boost copies it in); consume_all in place
  kBatches,  // make 64 in an array, push them at once (one copy of all, one store of the index); consume_all in place
};

// Messages a second from this process to a forked one that reads them in place; `bytes` is 64, 256 or 4096.
absl::StatusOr<double> BoostOneWay(BoostWay way, uint32_t bytes);
// Microseconds, the median of `count`.
absl::StatusOr<double> BoostRoundTrip(uint32_t count);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_LANES_BOOST_RING_H_
