// regions open, ls, show, close. Reading and writing them is in transfer_commands.cc.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/command_groups.h"
#include "client/cli/quantity.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

constexpr int kValuesInARow = 4;

std::string Reference(const v1::RegionId& id) {
  return FormatObjectReference(id.worker_id(), id.name(), id.generation());
}

std::string WriterName(v1::SignalWriter writer) {
  return writer == v1::SIGNAL_WRITER_HOST ? "host" : writer == v1::SIGNAL_WRITER_CHIP ? "chip" : "both";
}

absl::StatusOr<std::vector<v1::SignalWriter>> ParseWriters(absl::string_view text) {
  std::vector<v1::SignalWriter> writers;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    if (word == "host") {
      writers.push_back(v1::SIGNAL_WRITER_HOST);
    } else if (word == "chip") {
      writers.push_back(v1::SIGNAL_WRITER_CHIP);
    } else if (word == "both") {
      writers.push_back(v1::SIGNAL_WRITER_BOTH);
    } else {
      return absl::InvalidArgumentError(absl::StrCat("'", word, "' is not host, chip or both"));
    }
  }
  return writers;
}

std::string StateCell(const v1::Region& region) {
  return region.poisoned() ? absl::StrCat("POISONED ", region.poison(), ": ", region.evidence()) : "ok";
}

std::string SignalCell(const v1::Region& region) {
  const int shown = std::min(region.signal_values_size(), kValuesInARow);
  const std::string values = absl::StrJoin(region.signal_values().begin(), region.signal_values().begin() + shown, " ");
  return absl::StrCat(values, shown < static_cast<int>(region.config().signal_count()) ? " ..." : "");
}

std::string RegionTable(const v1::ListRegionsResponse& response) {
  Table table({"REGION", ">DATA", ">SIGNALS", "VALUES", ">WAITS", ">ARENA", "STATE"});
  for (const v1::Region& region : response.regions()) {
    table.AddRow({Reference(region.id()), FormatByteCount(region.config().data_bytes()),
                  absl::StrCat(region.config().signal_count()), SignalCell(region), absl::StrCat(region.waits()),
                  FormatByteCount(region.bytes()), StateCell(region)});
  }
  return table.ToText();
}

Rendering RegionRendering(const v1::Region& region, const std::string& heading) {
  std::string text = absl::StrCat(heading, Reference(region.id()), ": ", region.config().data_bytes(),
                                  " bytes of data at device address 0x", absl::Hex(region.device_address()), ", ",
                                  region.waits(), " waits, ", StateCell(region), "\n");
  Table signals({">SIGNAL", ">VALUE", "WRITER"});
  for (int i = 0; i < region.signal_values_size(); ++i) {
    const auto writer = i < region.config().signal_writers_size() ? region.config().signal_writers(i) : 0;
    signals.AddRow(
        {absl::StrCat(i), absl::StrCat(region.signal_values(i)), WriterName(static_cast<v1::SignalWriter>(writer))});
  }
  if (signals.row_count() > 0) text += signals.ToText();
  return {text, Reference(region.id()) + "\n"};
}

struct OpenOptions {
  ObjectReference reference;
  uint64_t data_bytes = 0;
  v1::RegionConfig config;
};

ExitCode Open(Run& run, const OpenOptions& options) {
  v1::OpenRegionRequest request;
  request.set_worker_id(options.reference.worker_id);
  request.set_name(options.reference.name);
  *request.mutable_config() = options.config;
  request.mutable_config()->set_data_bytes(options.data_bytes);
  v1::OpenRegionResponse response;
  const grpc::Status status =
      run.node().Call(run.node().memory(), &v1::MemoryService::Stub::OpenRegion, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response),
                 RegionRendering(response.region(), response.created() ? "opened " : "open already "));
  return ExitCode::kOk;
}

void AddOpen(CommandTree& tree, CLI::App* regions) {
  auto options = std::make_shared<OpenOptions>();
  CLI::App* command =
      tree.Add(*regions, "open", "Opens a region; the same name and config again answers the same region",
               "l3linkctl regions open vector --bytes 12Mi\n"
               "l3linkctl regions open 1/table --bytes 64Ki --signals 3 --writers host,chip,both",
               [options](Run& run) { return Open(run, *options); });
  AddNewReference(command, "region", &options->reference);
  AddBytes(command, "--bytes", "Of data", &options->data_bytes)->required();
  command->add_option_function<uint32_t>(
      "--signals", [options](uint32_t count) { options->config.set_signal_count(count); },
      "Signals, 64 bits each; default 2");
  command
      ->add_option_function<std::string>(
          "--writers",
          [options](const std::string& text) {
            const std::vector<v1::SignalWriter> writers = *ParseWriters(text);
            for (v1::SignalWriter writer : writers) options->config.add_signal_writers(writer);
          },
          "Who writes each signal: host, chip or both; default: 0 host, 1 chip, others both")
      ->check([](const std::string& text) { return std::string(ParseWriters(text).status().message()); })
      ->type_name("W,W,...");
}

ExitCode List(Run& run, const absl::optional<uint32_t>& worker) {
  v1::ListRegionsRequest request;
  if (worker.has_value()) request.set_worker_id(*worker);
  v1::ListRegionsResponse response;
  const grpc::Status status =
      run.node().Call(run.node().memory(), &v1::MemoryService::Stub::ListRegions, request, &response);
  if (!status.ok()) return run.Fail(status);
  std::string raw;
  for (const v1::Region& region : response.regions()) absl::StrAppend(&raw, Reference(region.id()), "\n");
  run.out().ShowList("regions", ToJson(response)["regions"], {RegionTable(response), raw});
  return ExitCode::kOk;
}

ExitCode ShowOne(Run& run, const ObjectReference& reference) {
  v1::GetRegionRequest request;
  reference.To(request.mutable_region());
  v1::GetRegionResponse response;
  const grpc::Status status =
      run.node().Call(run.node().memory(), &v1::MemoryService::Stub::GetRegion, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response.region()), RegionRendering(response.region(), ""));
  return ExitCode::kOk;
}

ExitCode Close(Run& run, const ObjectReference& reference) {
  v1::CloseRegionRequest request;
  reference.To(request.mutable_region());
  v1::CloseRegionResponse response;
  const grpc::Status status =
      run.node().Call(run.node().memory(), &v1::MemoryService::Stub::CloseRegion, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show({{"closed", true}}, {absl::StrCat("closed ", reference.worker_id, "/", reference.name, "\n"), ""});
  return ExitCode::kOk;
}

}  // namespace

void AddRegionCommands(CommandTree& tree) {
  CLI::App* regions = tree.AddGroup("regions", "Open, list, show, read, write and close regions of shared memory");
  AddOpen(tree, regions);

  auto worker = std::make_shared<absl::optional<uint32_t>>();
  tree.Add(*regions, "ls", "Every region, with its first signals",
           "l3linkctl regions ls\nl3linkctl regions ls --worker 1 -o jsonl",
           [worker](Run& run) { return List(run, *worker); })
      ->add_option_function<uint32_t>(
          "--worker", [worker](uint32_t id) { *worker = id; }, "Of this worker only");

  auto shown = std::make_shared<ObjectReference>();
  AddReference(tree.Add(*regions, "show", "One region and the value and writer of each signal",
                        "l3linkctl regions show vector\nl3linkctl regions show vector -o json | jq .signal_values",
                        [shown](Run& run) { return ShowOne(run, *shown); }),
               "region", shown.get());

  AddTransferCommands(tree, regions);

  auto closed = std::make_shared<ObjectReference>();
  AddReference(tree.Add(*regions, "close", "Closes a region; waits and watches on it end",
                        "l3linkctl regions close vector", [closed](Run& run) { return Close(run, *closed); }),
               "region", closed.get());
}

}  // namespace l3link::cli
