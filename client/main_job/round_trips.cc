#include "client/main_job/round_trips.h"

#include <algorithm>
#include <chrono>

namespace l3link::main_job {

absl::StatusOr<RoundTrips> MeasureRoundTrips(client::LaneStream& stream, const LaneSeries& series,
                                             absl::Duration patience, const std::atomic<bool>& stop) {
  RoundTrips trips;
  trips.microseconds.reserve(series.message_count());
  ReplyChecker checker(series, stream.positions().received);
  for (uint64_t i = 0; i < series.message_count() && !stop.load(std::memory_order_relaxed); ++i) {
    const auto began = std::chrono::steady_clock::now();
    if (absl::Status status = stream.Send(series.Message(i), patience); !status.ok()) return status;
    const auto reply = stream.Receive(patience);
    const auto ended = std::chrono::steady_clock::now();
    if (!reply.ok()) return reply.status();
    checker.Check(reply->front());
    trips.microseconds.push_back(std::chrono::duration<double, std::micro>(ended - began).count());
  }
  checker.Finish();
  trips.counts = checker.counts();
  return trips;
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace l3link::main_job
