// top: every lane's depth, rates and stalls, refreshed in place.
#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/command_groups.h"
#include "client/cli/lane_rates.h"
#include "client/cli/quantity.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

struct TopOptions {
  absl::Duration interval = absl::Seconds(1);
  uint64_t count = 0;
  bool once = false;
  size_t rows = 40;
};

grpc::Status TakeSample(Run& run, LaneSample* sample) {
  v1::ListChannelsResponse response;
  const grpc::Status status = run.node().Call(run.node().channels(), &v1::ChannelService::Stub::ListChannels,
                                              v1::ListChannelsRequest(), &response);
  sample->when = std::chrono::steady_clock::now();
  sample->channels.assign(response.channels().begin(), response.channels().end());
  return status;
}

std::string RateCell(double rate) { return rate == 0 ? "" : absl::StrFormat("%.0f", rate); }

std::string TopText(const std::vector<LaneRate>& rates, size_t rows) {
  Table table({"CHANNEL", "DIRECTION", ">LANE", ">WAITING", ">DEPTH", ">IN/S", ">OUT/S", ">BYTES/S", ">FULL/S",
               "HOLDER", "STATE"});
  for (const LaneRate& rate : rates) {
    if (table.row_count() == rows) break;
    table.AddRow({rate.channel, rate.direction, absl::StrCat(rate.lane), absl::StrCat(rate.waiting),
                  absl::StrCat(rate.depth), RateCell(rate.in_per_second), RateCell(rate.out_per_second),
                  rate.bytes_per_second == 0 ? "" : FormatByteCount(rate.bytes_per_second),
                  RateCell(rate.full_per_second), rate.holder, rate.state});
  }
  std::string text = table.ToText();
  if (rates.size() > rows) absl::StrAppend(&text, "... ", rates.size() - rows, " quieter lanes (--rows)\n");
  return text;
}

Json RatesJson(const std::vector<LaneRate>& rates) {
  Json lanes = Json::array();
  for (const LaneRate& rate : rates) {
    lanes.push_back({{"channel", rate.channel},
                     {"direction", rate.direction},
                     {"lane", rate.lane},
                     {"waiting", rate.waiting},
                     {"depth", rate.depth},
                     {"in_per_second", rate.in_per_second},
                     {"out_per_second", rate.out_per_second},
                     {"bytes_per_second", rate.bytes_per_second},
                     {"full_per_second", rate.full_per_second},
                     {"holder", rate.holder},
                     {"state", rate.state}});
  }
  return lanes;
}

void Show(Run& run, const std::vector<LaneRate>& rates, const TopOptions& options) {
  std::string text = TopText(rates, options.rows);
  if (run.out().on_terminal() && !options.once) {
    text = absl::StrCat("\x1b[H\x1b[2J", "l3linkctl top  ", run.node().target(), "  every ",
                        absl::FormatDuration(options.interval), ", Ctrl-C ends\n", text);
  }
  run.out().ShowEvent({{"lanes", RatesJson(rates)}}, {text, text});
  run.out().Flush();
}

ExitCode Top(Run& run, const TopOptions& options) {
  const uint64_t count = options.once ? 1 : options.count;
  LaneSample before, now;
  grpc::Status status = TakeSample(run, &before);
  for (uint64_t shown = 0; status.ok() && (count == 0 || shown < count); ++shown) {
    if (!SleepUnlessInterrupted(run.interrupt(), options.interval)) return ExitCode::kOk;
    status = TakeSample(run, &now);
    if (!status.ok()) break;
    Show(run, RatesBetween(before, now), options);
    if (run.out().closed()) return ExitCode::kOk;
    before = std::move(now);
  }
  return status.ok() ? ExitCode::kOk : run.Fail(status);
}

}  // namespace

void AddTopCommand(CommandTree& tree) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* command = tree.Add(tree.app(), "top", "Live lane depth, rates and stalls; busiest lanes first",
                               "l3linkctl top\nl3linkctl top --once\nl3linkctl top --interval 5s --count 12 -o jsonl",
                               [options](Run& run) { return Top(run, *options); });
  AddDuration(command, "--interval", "Between two looks; default 1s", &options->interval);
  command->add_option("--count", options->count, "End after so many tables");
  command->add_flag("--once", options->once, "One table, after one interval");
  command->add_option("--rows", options->rows, "Lanes shown at most")->capture_default_str();
}

}  // namespace l3link::cli
