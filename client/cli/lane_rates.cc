#include "client/cli/lane_rates.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "client/cli/lane_table.h"
#include "client/cli/object_reference.h"

namespace l3link::cli {
namespace {

// Worker, name, direction, lane, generation of the lane.
using LaneKey = std::tuple<uint32_t, std::string, int, uint32_t, uint64_t>;

LaneKey KeyOf(const v1::Channel& channel, const v1::LaneState& lane) {
  return {channel.id().worker_id(), channel.id().name(), lane.direction(), lane.lane(), lane.generation()};
}

std::string StateOf(const v1::LaneState& lane, const LaneRate& rate) {
  if (lane.poisoned()) return absl::StrCat("POISONED ", lane.poison());
  if (rate.waiting >= rate.depth && rate.out_per_second == 0) return "STALLED";
  return rate.in_per_second == 0 && rate.out_per_second == 0 ? "idle" : "ok";
}

LaneRate RateOf(const v1::Channel& channel, const v1::LaneState& lane, const v1::LaneState& before, double seconds) {
  LaneRate rate;
  rate.channel = FormatObjectReference(channel.id().worker_id(), channel.id().name(), channel.id().generation());
  rate.direction = DirectionName(lane.direction());
  rate.lane = lane.lane();
  rate.waiting = lane.published() - lane.consumed();
  rate.depth = channel.config().lane_depth();
  rate.in_per_second = static_cast<double>(lane.published() - before.published()) / seconds;
  rate.out_per_second = static_cast<double>(lane.consumed() - before.consumed()) / seconds;
  rate.bytes_per_second = static_cast<double>(lane.bytes() - before.bytes()) / seconds;
  rate.full_per_second = static_cast<double>(lane.full_count() - before.full_count()) / seconds;
  rate.holder = lane.session_id();
  rate.state = StateOf(lane, rate);
  return rate;
}

}  // namespace

std::vector<LaneRate> RatesBetween(const LaneSample& before, const LaneSample& now) {
  std::map<LaneKey, const v1::LaneState*> earlier;
  for (const v1::Channel& channel : before.channels) {
    for (const v1::LaneState& lane : channel.lanes()) earlier[KeyOf(channel, lane)] = &lane;
  }
  const double seconds = std::max(1e-6, std::chrono::duration<double>(now.when - before.when).count());
  std::vector<LaneRate> rates;
  for (const v1::Channel& channel : now.channels) {
    for (const v1::LaneState& lane : channel.lanes()) {
      const auto found = earlier.find(KeyOf(channel, lane));
      rates.push_back(RateOf(channel, lane, found == earlier.end() ? lane : *found->second, seconds));
    }
  }
  std::stable_sort(rates.begin(), rates.end(), [](const LaneRate& a, const LaneRate& b) {
    return a.in_per_second + a.out_per_second > b.in_per_second + b.out_per_second;
  });
  return rates;
}

}  // namespace l3link::cli
