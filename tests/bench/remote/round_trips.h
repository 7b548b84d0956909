// Round trips on one stream whose chip echoes. On the caller's thread.
#ifndef L3LINK_TESTS_BENCH_REMOTE_ROUND_TRIPS_H_
#define L3LINK_TESTS_BENCH_REMOTE_ROUND_TRIPS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lane_stream.h"

namespace l3link::bench {

// How long a figure waits for what must come; a hang ends the run.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Microseconds of each of `count` round trips of `bytes`, one after the other. Errors: DATA_LOSS, or the stream's own.
absl::StatusOr<std::vector<double>> RoundTripsOver(client::LaneStream& stream, uint32_t bytes, int count);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_ROUND_TRIPS_H_
