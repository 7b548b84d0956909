#include "tests/bench/remote/round_trips.h"

#include <string>

#include "tests/bench/stopwatch.h"

namespace l3link::bench {

absl::StatusOr<std::vector<double>> RoundTripsOver(client::LaneStream& stream, uint32_t bytes, int count) {
  const std::string payload(bytes, 'z');
  std::vector<double> times;
  times.reserve(count);
  for (int i = 0; i < count; ++i) {
    const Stopwatch watch;
    if (absl::Status sent = stream.Send({payload}, kPatience); !sent.ok()) return sent;
    auto echo = stream.Receive(kPatience);
    if (!echo.ok()) return echo.status();
    times.push_back(watch.microseconds());
    if (echo->front().payload != payload) return absl::DataLossError("the echo is not what was sent");
  }
  return times;
}

}  // namespace l3link::bench
