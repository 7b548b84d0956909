#include "tests/bench/contests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/field.h"
#include "tests/bench/lanes/boost_ring.h"

namespace l3link::bench {
namespace {

Contestant OnLanes(Field* field, const std::string& name, std::function<absl::StatusOr<double>(ChipLanes&)> run) {
  return {name, [=]() -> absl::StatusOr<Readings> {
            auto lanes = field->lanes();
            if (!lanes.ok()) return lanes.status();
            return One(run(**lanes));
          }};
}

std::vector<Contestant> BoostWays(uint32_t bytes) {
  return {
      {"boost spsc_queue, 1 a push", [=] { return One(BoostOneWay(BoostWay::kEach, bytes)); }, "boost_1_a_push"},
      {"boost spsc_queue, 64 a push", [=] { return One(BoostOneWay(BoostWay::kBatches, bytes)); }, "boost_64_a_push"}};
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
  AddLoad();
  AddStalled();
  AddIdle();
  AddChannels();
}

Contests::~Contests() = default;

void Contests::AddLanes() {
  Field* const field = field_.get();
  const struct {
    LaneWay way;
    const char* how;
    uint32_t bytes, depth;
    const char* size;
    double goal;
  } sizes[] = {{LaneWay::kInRuns, "host to chip, in runs of 64", 64, 1024, "64B", 3},
               {LaneWay::kInRuns, "host to chip, in runs of 64", 256, 1024, "256B", 2.5},
               {LaneWay::kInPlace, "host to chip, made and read in place", 4096, 256, "4KiB", 1.1}};
  for (const auto& size : sizes) {
    Add("lanes", {{{absl::StrCat("lane_", size.size), "msg/s", Better::kHigher, size.goal}},
                  OnLanes(field, size.how,
                          [size](ChipLanes& lanes) { return lanes.HostToChip(size.way, size.bytes, size.depth); }),
                  BoostWays(size.bytes)});
    Add("lanes", {{{absl::StrCat("lane_", size.size, "_to_host"), "msg/s", Better::kHigher, 0}},
                  OnLanes(field, "chip to host, copied out and checked",
                          [size](ChipLanes& lanes) { return lanes.ChipToHost(size.bytes, size.depth); }),
                  BoostWays(size.bytes)});
  }
  const struct {
    LaneWay way;
    const char* how;
    uint32_t bytes;
    const char* name;
  } others[] = {{LaneWay::kInPlace, "host to chip, made and read in place", 64, "lane_64B_in_place"},
                {LaneWay::kInPlace, "host to chip, made and read in place", 256, "lane_256B_in_place"},
                {LaneWay::kInRuns, "host to chip, in runs, each message aligned up", 104, "lane_104B"}};
  for (const auto& other : others) {
    Add("lanes", {{{other.name, "msg/s", Better::kHigher, 0}},
                  OnLanes(field, other.how,
                          [other](ChipLanes& lanes) { return lanes.HostToChip(other.way, other.bytes, 1024); }),
                  BoostWays(other.bytes)});
  }
  Add("lanes", {{{"lane_64B_one_a_publish", "msg/s", Better::kHigher, 0}},
                OnLanes(field, "host to chip, each published by itself",
                        [](ChipLanes& lanes) { return lanes.HostToChip(LaneWay::kOneInPlace, 64, 1024); }),
                {{"boost spsc_queue, 1 a push", [] { return One(BoostOneWay(BoostWay::kEach, 64)); }}}});
  const uint32_t trips = quick_ ? 50'000 : 200'000;
  Add("lanes", {{{"lane_round_trip_p50", "us", Better::kLower, 0.9}},
                OnLanes(field, "host and chip spin", [trips](ChipLanes& lanes) { return lanes.RoundTrip(64, trips); }),
                {{"boost spsc_queue", [trips] { return One(BoostRoundTrip(trips)); }}}});
}

}  // namespace l3link::bench
