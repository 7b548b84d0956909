// What happened on each lane between two looks at the node.
#ifndef L3LINK_CLIENT_CLI_LANE_RATES_H_
#define L3LINK_CLIENT_CLI_LANE_RATES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "l3link/v1/channel.pb.h"

namespace l3link::cli {

struct LaneSample {
  std::chrono::steady_clock::time_point when;
  std::vector<v1::Channel> channels;
};

struct LaneRate {
  std::string channel;  // "0/jobs@3"
  std::string direction;
  uint32_t lane = 0;
  uint64_t waiting = 0;  // messages
  uint32_t depth = 0;
  double in_per_second = 0;   // messages published
  double out_per_second = 0;  // messages consumed
  double bytes_per_second = 0;
  double full_per_second = 0;  // publishes that found no room
  std::string holder;
  std::string state;  // "ok", "idle", "STALLED": full and nothing was taken, "POISONED ..."
};

// Busiest first, then by name. A lane that is new, or was reset in between, has no rates yet.
std::vector<LaneRate> RatesBetween(const LaneSample& before, const LaneSample& now);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_LANE_RATES_H_
