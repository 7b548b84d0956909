// One message at a time, each after the reply to the one before: how long the whole way takes.
#ifndef L3LINK_CLIENT_MAIN_JOB_ROUND_TRIPS_H_
#define L3LINK_CLIENT_MAIN_JOB_ROUND_TRIPS_H_

#include <atomic>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lane_stream.h"
#include "client/main_job/lane_series.h"
#include "client/main_job/reply_checker.h"

namespace l3link::main_job {

struct RoundTrips {
  std::vector<double> microseconds;  // of each, in order
  ReplyCounts counts;
};

// Sends the series message by message over `stream`, on the calling thread.
absl::StatusOr<RoundTrips> MeasureRoundTrips(client::LaneStream& stream, const LaneSeries& series,
                                             absl::Duration patience, const std::atomic<bool>& stop);

// The value below which `share` (0 to 1) of `values` lie; 0 when there are none.
double Percentile(std::vector<double> values, double share);

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_ROUND_TRIPS_H_
