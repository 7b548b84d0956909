// The contests about what disturbs: bulk beside a round trip, a stalled lane beside busy ones.
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/contests.h"
#include "tests/bench/field.h"
#include "tests/bench/remote/bulk_load.h"
#include "tests/bench/remote/busy_lanes.h"

namespace l3link::bench {
namespace {

constexpr uint32_t kBulkBytes = 64 << 10;

// p50 and p99 of the round trips, and GB/s of the bulk: what one gains may be at the other's cost, so that each baseline has
// rows of its own as well.
template <typename Beside>
absl::StatusOr<Readings> LoadedReadings(Beside beside) {
  if (!beside.ok()) return beside.status();
  absl::StatusOr<Readings> readings = Percentiles(std::move(beside->times));
  if (readings.ok()) readings->push_back(beside->bulk / 1e9);
  return readings;
}

Contestant RawBesideFrames(Field* field, const std::string& size, size_t frame_bytes, int count) {
  return {absl::StrCat("raw gRPC ping-pong beside frames of ", size),
          [=]() -> absl::StatusOr<Readings> {
            auto raw = field->raw();
            if (!raw.ok()) return raw.status();
            return LoadedReadings((*raw)->PingPongBeside(frame_bytes, 64, count));
          },
          absl::StrCat("raw_", size)};
}

}  // namespace

void Contests::AddLoad() {
  Field* const field = field_.get();
  const int count = quick_ ? 2'000 : 10'000;
  Add("load", {{{"loaded_round_trip_p50", "us", Better::kLower, 0},
                {"loaded_round_trip_p99", "us", Better::kLower, 0},
                {"loaded_bulk", "GB/s", Better::kHigher, 0}},
               {"round trips beside a stream of 64 KiB messages",
                [=]() -> absl::StatusOr<Readings> {
                  auto echo = field->echo();
                  if (!echo.ok()) return echo.status();
                  return LoadedReadings(RoundTripsBesideBulk(**echo, kBulkBytes, 64, count));
                }},
               {RawBesideFrames(field, "64KiB", kBulkBytes, count), RawBesideFrames(field, "1MiB", 1 << 20, count)}});
}

void Contests::AddStalled() {
  Field* const field = field_.get();
  const int trips = quick_ ? 400 : 2'000;
  const auto busy = [=](const std::string& name, bool stalled) -> Contestant {
    return {name, [=]() -> absl::StatusOr<Readings> {
              auto echo = field->echo();
              if (!echo.ok()) return echo.status();
              return Percentiles(RoundTripsOf(**echo, {.busy = 31, .stalled = stalled, .trips = trips}));
            }};
  };
  Contest contest = {{{"busy_lanes_p50", "us", Better::kLower, 0}, {"busy_lanes_p99", "us", Better::kLower, 1.3}},
                     busy("31 busy lanes beside a stalled one", true),
                     {busy("31 busy lanes", false)}};
  contest.least_rounds = 5;
  Add("stalled", std::move(contest));
}

}  // namespace l3link::bench
