#include "server/startup_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "backends/worker/platform_factory.h"

namespace l3link {
namespace {

std::string Size(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  while (unit < 4 && bytes >= 1024 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return absl::StrCat(bytes, " ", kUnits[unit]);
}

std::string ChipText(ChipWorker& worker, const NodeOptions& options) {
  ChipLock lock(worker);
  const ChipStatus status = worker.Status();
  if (!status.traits.supported) {
    return absl::StrFormat("  chip %u    %s: %s\n", status.worker_id, status.traits.platform, status.detail);
  }
  return absl::StrFormat(
      "  chip %u    %s, arena %s, %s\n", status.worker_id, status.traits.platform, Size(status.arena_bytes),
      options.sim_external || !IsSimulated(status.traits.platform)
          ? std::string("its program is started elsewhere")
          : absl::StrCat("runs ", absl::StrJoin(options.sim_programs, ", "), " (pid ", status.presence.pid, ")"));
}

}  // namespace

std::string StartupReport(Node& node, const NodeOptions& options, const StateDir& state) {
  const NodeLimits& limits = node.limits();
  std::string text = absl::StrFormat("l3linkd %s, node %s\n", node.identity().version, node.identity().node_name);
  absl::StrAppendFormat(&text, "  state     %s, %s, %u MiB free\n", state.path(),
                        state.in_memory() ? "in memory" : "NOT in memory: slow, see --state-dir",
                        state.free_bytes() >> 20);
  for (const auto& worker : node.workers()) absl::StrAppend(&text, ChipText(*worker, options));
  absl::StrAppendFormat(&text,
                        "  limits    messages up to %s, %u objects a chip, %u streams, leases of %s; all: --help\n",
                        Size(limits.objects.max_message_bytes), limits.objects.max_objects, limits.max_streams,
                        absl::FormatDuration(limits.lease_ttl));
  return text;
}

std::string ReadyLine(const Endpoints& endpoints) {
  return absl::StrCat("ready grpc=", endpoints.grpc, " unix=", endpoints.unix_path, "\n");
}

}  // namespace l3link
