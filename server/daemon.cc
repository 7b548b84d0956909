#include "server/daemon.h"

#include <malloc.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "backends/worker/platform_factory.h"
#include "backends/worker/worker.h"
#include "server/channel/channel_service.h"
#include "server/channel/channel_streams.h"
#include "server/channel/leases.h"
#include "server/chip_health.h"
#include "server/kept_chips.h"
#include "server/memory/journal/memory_journal.h"
#include "server/memory/memory_service.h"
#include "server/node.h"
#include "server/node_service.h"
#include "server/server.h"
#include "server/startup_report.h"
#include "server/state_dir.h"

namespace l3link {
namespace {

// With glibc's defaults every block of a bulk stream is mapped, faulted and trimmed anew: 0.3 GB/s instead of 2.
void TuneMalloc() {
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
}

std::string PrivateDirOf(const NodeOptions& options) { return options.state_dir + "/private"; }

WorkerOptions WorkerOptionsOf(const NodeOptions& options) {
  WorkerOptions result;
  result.platforms.clear();
  for (const PlatformCount& platform : options.platforms)
    result.platforms.push_back({platform.platform, platform.chips});
  result.sim.state_dir = options.state_dir;
  result.sim.external = options.sim_external;
  result.sim.chip_binary = options.sim_chip;
  result.sim.programs = options.sim_programs;
  result.ascend = options.ascend;
  result.chip.private_dir = PrivateDirOf(options);
  result.chip.arena_bytes = options.limits.arena_bytes;
  result.chip.limits = options.limits.objects;
  return result;
}

// What ListChips calls each chip's program.
std::vector<std::string> ProgramsOf(const Node& node, const NodeOptions& options) {
  std::vector<std::string> programs;
  for (const auto& worker : node.workers()) {
    const bool ours = IsSimulated(worker->traits().platform) && !options.sim_external;
    programs.push_back(ours ? absl::StrJoin(options.sim_programs, ",") : "");
  }
  return programs;
}

void WarnOfState(const StateDir& state) {
  if (!state.in_memory()) {
    spdlog::warn(
        "state directory {} is not on tmpfs: arenas are written to a disk now and then, and doorbells are slow; "
        "give a --state-dir below /dev/shm or another tmpfs",
        state.path());
  }
}

absl::Status DiscardState(const std::string& state_dir) {
  absl::Status status = DiscardKeptChips(state_dir);
  if (status.ok()) spdlog::info("--discard-state: what earlier nodes left in {} is removed", state_dir);
  return status;
}

void WarnOfChipsBeyond(const Worker& worker, const std::string& state_dir) {
  std::set<uint32_t> beyond = FindKeptChips(state_dir);
  beyond.erase(beyond.begin(), beyond.lower_bound(worker.size()));
  if (beyond.empty()) return;
  spdlog::warn(
      "{} holds state of workers that this node does not have: {}; it is left there, --discard-state removes it",
      state_dir, absl::StrJoin(beyond, ", "));
}

// What an earlier node left, and what became of it.
void TellOfState(const Worker& worker) {
  for (const auto& chip : worker.chips()) {
    const KeptState& state = chip->kept_state();
    if (!state.note().empty()) spdlog::warn("chip {}: {}", chip->worker_id(), state.note());
    if (!state.adopted()) continue;
    ChipLock lock(*chip);
    const ChipStatus status = chip->Status();
    spdlog::info("chip {}: goes on where the earlier node ended: {} channels, {} regions", chip->worker_id(),
                 status.channel_count, status.region_count);
  }
}

// Drains; a second signal ends the waiting.
void StopServing(Server& server, const NodeOptions& options, StopSignals& signals) {
  sd_notify(0, "STOPPING=1");
  signals.OnFurther([&server] {
    spdlog::warn("second signal: ends what is left now");
    server.CancelCalls();
  });
  server.Stop(options.limits.drain_timeout);
  signals.Ignore();
}

// The services, in order of life: each uses those before it.
struct Services {
  Services(Node* node, MemoryJournal* journal, const NodeOptions& options)
      : leases(node),
        channel(node, &leases),
        channel_streams(node, &leases, &channel),
        memory(node, journal),
        node_service(node, &leases, ProgramsOf(*node, options)) {}

  void AddTo(Server& server) {
    server.AddService(&node_service, v1::NodeService::service_full_name());
    server.AddService(&channel, v1::ChannelService::service_full_name(),
                      [this](QueuePool* pool) { channel_streams.Start(pool); });
    server.AddService(&memory, v1::MemoryService::service_full_name(),
                      [this](QueuePool* pool) { memory.StartStreams(pool); });
  }

  Leases leases;
  ChannelService channel;
  ChannelStreams channel_streams;
  MemoryService memory;
  NodeService node_service;
};

absl::Status Announce(const NodeOptions& options, Node& node, const StateDir& state, const Endpoints& endpoints) {
  const std::string ready = ReadyLine(endpoints);
  fputs((StartupReport(node, options, state) + ready).c_str(), stdout);
  fflush(stdout);
  sd_notify(0, "READY=1");
  return options.ready_file.empty() ? absl::OkStatus() : WriteAtomically(options.ready_file, ready);
}

}  // namespace

absl::Status RunDaemon(const NodeOptions& options, StopSignals& signals) {
  TuneMalloc();
  absl::StatusOr<StateDir> state = StateDir::Open(options.state_dir);
  if (!state.ok()) return state.status();
  // Only now that the lock is ours: the file may be another daemon's.
  absl::Status ready = options.ready_file.empty() ? absl::OkStatus() : RemoveLeftover(options.ready_file);
  if (!ready.ok()) return ready;
  WarnOfState(*state);
  absl::optional<SocketPath> socket;
  if (!options.unix_path.empty()) {
    absl::StatusOr<SocketPath> taken = SocketPath::Take(options.unix_path);
    if (!taken.ok()) return taken.status();
    socket.emplace(*std::move(taken));
  }
  absl::Status discarded = options.discard_state ? DiscardState(options.state_dir) : absl::OkStatus();
  if (!discarded.ok()) return discarded;
  absl::StatusOr<std::unique_ptr<Worker>> worker = Worker::Start(WorkerOptionsOf(options));
  if (!worker.ok()) return worker.status();
  TellOfState(**worker);
  WarnOfChipsBeyond(**worker, options.state_dir);
  Node node(MakeNodeIdentity(options.node_name), options.limits, *std::move(worker));
  absl::StatusOr<std::unique_ptr<MemoryJournal>> journal =
      MemoryJournal::Open(PrivateDirOf(options), options.discard_state);
  if (!journal.ok()) return journal.status();
  Services services(&node, journal->get(), options);
  Server server(&node, {options.listen, options.unix_path});
  services.AddTo(server);
  absl::StatusOr<Endpoints> endpoints = server.Start();
  if (!endpoints.ok()) return endpoints.status();
  auto remove_ready_file = absl::MakeCleanup([&] {
    if (!options.ready_file.empty()) unlink(options.ready_file.c_str());
  });
  services.leases.Ready();
  ChipHealth chip_health(&node, &server.health());
  absl::Status announced = Announce(options, node, *state, *endpoints);
  if (!announced.ok()) return announced;
  spdlog::info("{}: stops, within {}", signals.WaitForFirst(), absl::FormatDuration(options.limits.drain_timeout));
  StopServing(server, options, signals);
  spdlog::info("stopped");
  return absl::OkStatus();
}

}  // namespace l3link
