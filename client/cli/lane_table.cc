#include "client/cli/lane_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/object_reference.h"
#include "client/cli/quantity.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

std::string LeaseCell(const v1::LaneState& lane) {
  if (lane.session_id().empty()) return "";
  return absl::StrFormat("%s of %s (%.0f s)", lane.session_id(), lane.principal(), lane.lease_expires_ms() / 1000.0);
}

std::string StateCell(const v1::LaneState& lane) {
  return lane.poisoned() ? absl::StrCat("POISONED ", lane.poison(), ": ", lane.evidence()) : "ok";
}

// Messages published and not consumed.
uint64_t Waiting(const v1::LaneState& lane) { return lane.published() - lane.consumed(); }

}  // namespace

std::string DirectionName(v1::Direction direction) {
  return direction == v1::DIRECTION_HOST_TO_CHIP ? "host_to_chip" : "chip_to_host";
}

absl::StatusOr<v1::Direction> ParseDirection(absl::string_view text) {
  if (text == "host_to_chip" || text == "h2c") return v1::DIRECTION_HOST_TO_CHIP;
  if (text == "chip_to_host" || text == "c2h") return v1::DIRECTION_CHIP_TO_HOST;
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a direction; write host_to_chip (h2c) or chip_to_host (c2h)"));
}

CLI::Option* AddDirection(CLI::App* command, const std::string& name, const std::string& help,
                          v1::Direction* direction) {
  return command
      ->add_option_function<std::string>(
          name, [direction](const std::string& text) { *direction = *ParseDirection(text); }, help)
      ->check([](const std::string& text) { return std::string(ParseDirection(text).status().message()); });
}

std::string LaneTable(const v1::Channel& channel) {
  Table table({"DIRECTION", ">LANE", ">GENERATION", ">PUBLISHED", ">CONSUMED", ">WAITING", ">BYTES", ">FULL", "HOLDER",
               "STATE"});
  for (const v1::LaneState& lane : channel.lanes()) {
    table.AddRow({DirectionName(lane.direction()), absl::StrCat(lane.lane()), absl::StrCat(lane.generation()),
                  absl::StrCat(lane.published()), absl::StrCat(lane.consumed()), absl::StrCat(Waiting(lane)),
                  FormatByteCount(lane.bytes()), absl::StrCat(lane.full_count()), LeaseCell(lane), StateCell(lane)});
  }
  return table.ToText();
}

std::string ChannelTable(const v1::ListChannelsResponse& response) {
  Table table({"CHANNEL", ">H2C", ">C2H", ">DEPTH", ">MAX MESSAGE", ">WAITING H2C", ">WAITING C2H", ">HELD", ">ARENA",
               "STATE"});
  for (const v1::Channel& channel : response.channels()) {
    uint64_t waiting_h2c = 0, waiting_c2h = 0, held = 0, poisoned = 0;
    for (const v1::LaneState& lane : channel.lanes()) {
      (lane.direction() == v1::DIRECTION_HOST_TO_CHIP ? waiting_h2c : waiting_c2h) += Waiting(lane);
      held += lane.session_id().empty() ? 0 : 1;
      poisoned += lane.poisoned() ? 1 : 0;
    }
    const v1::ChannelConfig& config = channel.config();
    table.AddRow({FormatObjectReference(channel.id().worker_id(), channel.id().name(), channel.id().generation()),
                  absl::StrCat(config.host_to_chip_lanes()), absl::StrCat(config.chip_to_host_lanes()),
                  absl::StrCat(config.lane_depth()), FormatByteCount(config.max_message_bytes()),
                  absl::StrCat(waiting_h2c), absl::StrCat(waiting_c2h), absl::StrCat(held),
                  FormatByteCount(channel.bytes()),
                  poisoned == 0 ? "ok" : absl::StrCat("POISONED ", poisoned, " of ", channel.lanes_size())});
  }
  return table.ToText();
}

}  // namespace l3link::cli
