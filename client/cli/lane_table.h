// Channels and lanes as tables and JSON; shared by the channel commands and top.
#ifndef L3LINK_CLIENT_CLI_LANE_TABLE_H_
#define L3LINK_CLIENT_CLI_LANE_TABLE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::cli {

// "host_to_chip" or "chip_to_host".
std::string DirectionName(v1::Direction direction);

// Also "h2c" and "c2h".
absl::StatusOr<v1::Direction> ParseDirection(absl::string_view text);

// An option or argument that takes one.
CLI::Option* AddDirection(CLI::App* command, const std::string& name, const std::string& help,
                          v1::Direction* direction);

// One row a lane.
std::string LaneTable(const v1::Channel& channel);

// One row a channel: geometry, what waits in its lanes, holders, poison.
std::string ChannelTable(const v1::ListChannelsResponse& response);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_LANE_TABLE_H_
