#include "tests/bench/contests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/field.h"
#include "tests/bench/lanes/boost_ring.h"

namespace l3link::bench {
namespace {

Contestant Boost(const std::string& name, BoostWay way, uint32_t bytes) {
  return {name, [way, bytes]() -> absl::StatusOr<Readings> {
            absl::StatusOr<double> rate = BoostOneWay(way, bytes);
            if (!rate.ok()) return rate.status();
            return Readings{*rate};
          }};
}

std::vector<Contestant> BoostWays(uint32_t bytes) {
  return {Boost("boost spsc_queue, one a push", BoostWay::kSingle, bytes),
          Boost("boost spsc_queue, 64 a push", BoostWay::kBatch, bytes)};
}

}  // namespace

Contests::Contests(bool quick) : quick_(quick), field_(std::make_unique<Field>()) {
  AddLanes();
  AddRoundTrips();
  AddStreaming();
  AddBulk();
  AddRegions();
  AddSignals();
  AddStreams();
}

Contests::~Contests() = default;

void Contests::AddLanes() {
  const struct {
    uint32_t bytes, depth;
    const char* size;
    double goal;
  } sizes[] = {{64, 1024, "64B", 3}, {256, 1024, "256B", 2.5}, {4096, 256, "4KiB", 1.1}};
  for (const auto& size : sizes) {
    Add("lanes", {{{absl::StrCat("lane_", size.size), "msg/s", Better::kHigher, size.goal}},
                  {"host to chip, read in place",
                   [this, size]() -> absl::StatusOr<Readings> {
                     auto lanes = field_->lanes();
                     if (!lanes.ok()) return lanes.status();
                     auto rate = (*lanes)->HostToChip(size.bytes, size.depth);
                     if (!rate.ok()) return rate.status();
                     return Readings{*rate};
                   }},
                  BoostWays(size.bytes)});
    Add("lanes", {{{absl::StrCat("lane_", size.size, "_to_host"), "msg/s", Better::kHigher, 0}},
                  {"chip to host, copied out and checked",
                   [this, size]() -> absl::StatusOr<Readings> {
                     auto lanes = field_->lanes();
                     if (!lanes.ok()) return lanes.status();
                     auto rate = (*lanes)->ChipToHost(size.bytes, size.depth);
                     if (!rate.ok()) return rate.status();
                     return Readings{*rate};
                   }},
                  BoostWays(size.bytes)});
  }
  Add("lanes", {{{"lane_round_trip_p50", "us", Better::kLower, 0.9}},
                {"host and chip spin",
                 [this]() -> absl::StatusOr<Readings> {
                   auto lanes = field_->lanes();
                   if (!lanes.ok()) return lanes.status();
                   auto time = (*lanes)->RoundTrip(64, quick_ ? 50'000 : 200'000);
                   if (!time.ok()) return time.status();
                   return Readings{*time};
                 }},
                {{"boost spsc_queue", [this]() -> absl::StatusOr<Readings> {
                    auto time = BoostRoundTrip(quick_ ? 50'000 : 200'000);
                    if (!time.ok()) return time.status();
                    return Readings{*time};
                  }}}});
}

}  // namespace l3link::bench
