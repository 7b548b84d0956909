// status, wait-ready, chips: what runs here and whether it is ready.
#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_groups.h"
#include "client/cli/quantity.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

std::string ChipStateName(v1::ChipState state) {
  switch (state) {
    case v1::CHIP_STATE_ABSENT: return "absent";
    case v1::CHIP_STATE_RUNNING: return "running";
    case v1::CHIP_STATE_LOST: return "LOST";
    case v1::CHIP_STATE_UNSUPPORTED: return "unsupported";
    default: return "unknown";
  }
}

std::string ChipTable(const v1::ListChipsResponse& response) {
  Table table({">WORKER", "PLATFORM", "STATE", "PROGRAM", ">CHANNELS", ">REGIONS", ">ARENA", ">USED", ">QUARANTINED",
               ">HEARTBEAT", ">ATTACHED", "DETAIL"});
  for (const v1::Chip& chip : response.chips()) {
    table.AddRow({absl::StrCat(chip.worker_id()), chip.platform(), ChipStateName(chip.state()), chip.program(),
                  absl::StrCat(chip.channel_count()), absl::StrCat(chip.region_count()),
                  FormatByteCount(chip.arena_bytes()), FormatByteCount(chip.arena_used_bytes()),
                  FormatByteCount(chip.arena_quarantined_bytes()),
                  chip.attach_count() == 0 ? "" : absl::StrCat(chip.heartbeat_age_ms(), " ms"),
                  absl::StrCat(chip.attach_count()), chip.detail()});
  }
  return table.ToText();
}

std::string LimitTable(const v1::GetNodeResponse& node) {
  Table table({"LIMIT", ">DEFAULT", ">MAXIMUM", "UNIT", "MEANING"});
  for (const v1::Limit& limit : node.limits()) {
    table.AddRow({limit.name(), absl::StrCat(limit.default_value()), absl::StrCat(limit.maximum()), limit.unit(),
                  limit.meaning()});
  }
  return table.ToText();
}

ExitCode ShowStatus(Run& run, bool limits) {
  v1::GetNodeResponse node;
  v1::ListChipsResponse chips;
  grpc::Status status =
      run.node().Call(run.node().node(), &v1::NodeService::Stub::GetNode, v1::GetNodeRequest(), &node);
  if (status.ok()) {
    status = run.node().Call(run.node().node(), &v1::NodeService::Stub::ListChips, v1::ListChipsRequest(), &chips);
  }
  if (!status.ok()) return run.Fail(status);
  Json json = ToJson(node);
  json["target"] = run.node().target();
  json["chips"] = ToJson(chips)["chips"];
  std::string text = absl::StrCat("node       ", Printable(node.node_name()), "\ntarget     ", run.node().target(),
                                  "\nversion    ", Printable(node.version()), "\nuptime     ",
                                  absl::FormatDuration(absl::Seconds(static_cast<int64_t>(node.uptime_seconds()))),
                                  "\nplatforms  ", Printable(absl::StrJoin(node.platforms(), ", ")), "\nfeatures   ",
                                  Printable(absl::StrJoin(node.features(), ", ")), "\ninstance   ",
                                  Printable(node.instance_id()), "\n\n", ChipTable(chips));
  if (limits) absl::StrAppend(&text, "\n", LimitTable(node));
  run.out().Show(json, {text, absl::StrCat(node.node_name(), "\n")});
  return ExitCode::kOk;
}

ExitCode ShowChips(Run& run) {
  v1::ListChipsResponse response;
  const grpc::Status status =
      run.node().Call(run.node().node(), &v1::NodeService::Stub::ListChips, v1::ListChipsRequest(), &response);
  if (!status.ok()) return run.Fail(status);
  std::string raw;
  for (const v1::Chip& chip : response.chips()) absl::StrAppend(&raw, chip.worker_id(), "\n");
  run.out().ShowList("chips", ToJson(response)["chips"], {ChipTable(response), raw});
  return ExitCode::kOk;
}

// Why the node is not ready yet, or empty.
std::string WhyNotReady(NodeConnection& node, bool chips_too) {
  grpc::health::v1::HealthCheckResponse health;
  grpc::Status status =
      node.Call(node.health(), &grpc::health::v1::Health::Stub::Check, grpc::health::v1::HealthCheckRequest(), &health);
  if (!status.ok()) return status.error_message();
  if (health.status() != grpc::health::v1::HealthCheckResponse::SERVING) return "the node answers, but is not serving";
  if (!chips_too) return "";
  v1::ListChipsResponse chips;
  status = node.Call(node.node(), &v1::NodeService::Stub::ListChips, v1::ListChipsRequest(), &chips);
  if (!status.ok()) return status.error_message();
  for (const v1::Chip& chip : chips.chips()) {
    if (chip.supported() && chip.state() != v1::CHIP_STATE_RUNNING) {
      return absl::StrCat("chip of worker ", chip.worker_id(), " is ", ChipStateName(chip.state()));
    }
  }
  return "";
}

ExitCode WaitReady(Run& run, const GlobalOptions& options, bool chips_too) {
  const absl::Duration timeout = run.TimeoutOr(absl::Seconds(30));
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
  std::string why;
  absl::Duration pause = absl::Milliseconds(20);
  while (!run.interrupt().requested()) {
    // A connection of its own each time: a channel that failed once would back off for seconds.
    const absl::Duration left = absl::FromChrono(deadline - std::chrono::steady_clock::now());
    NodeConnection node(ResolveTarget(options.target), std::clamp(left, absl::Milliseconds(100), absl::Seconds(5)),
                        run.interrupt());
    why = WhyNotReady(node, chips_too);
    if (why.empty()) {
      run.out().Show({{"ready", true}, {"target", node.target()}}, {absl::StrCat("ready ", node.target(), "\n"), ""});
      return ExitCode::kOk;
    }
    if (std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(pause) >= deadline) break;
    SleepUnlessInterrupted(run.interrupt(), pause);
    pause = std::min(pause * 2, absl::Milliseconds(500));
  }
  return run.Fail(LocalFailure(absl::StatusCode::kDeadlineExceeded,
                               absl::StrCat("not ready after ", absl::FormatDuration(timeout), ": ", why),
                               "look at the daemon's log, or wait longer with --timeout"));
}

}  // namespace

void AddNodeCommands(CommandTree& tree, const GlobalOptions& options) {
  auto limits = std::make_shared<bool>(false);
  tree.Add(tree.app(), "status", "The node, its chips and, with --limits, its limits",
           "l3linkctl status\nl3linkctl status --limits\nl3linkctl --target 10.0.0.7:50051 status -o json",
           [limits](Run& run) { return ShowStatus(run, *limits); })
      ->add_flag("--limits", *limits, "Show the table of defaults and caps too");

  auto chips_too = std::make_shared<bool>(false);
  tree.Add(tree.app(), "wait-ready", "Waits until the node is serving (default 30s); a container's HEALTHCHECK",
           "l3linkctl wait-ready --timeout 1m\nl3linkctl wait-ready --chips\n"
           "HEALTHCHECK CMD [\"l3linkctl\", \"wait-ready\", \"--timeout\", \"3s\"]",
           [chips_too, &options](Run& run) { return WaitReady(run, options, *chips_too); })
      ->add_flag("--chips", *chips_too, "Wait until every supported chip runs a program too");

  tree.Add(tree.app(), "chips", "Every chip worker: state, program, arena",
           "l3linkctl chips\nl3linkctl chips -o json | jq '.chips[] | select(.state != \"running\")'", &ShowChips);
}

}  // namespace l3link::cli
