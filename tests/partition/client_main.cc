// partition_client: one client of the partition tests, in a process and a network namespace of its own. SIGTERM: come to an end.
// Exit status 0: as told; 3: over for good, which it has said.
#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "tests/partition/lane_client.h"
#include "tests/partition/waiting_client.h"

namespace {

std::atomic<bool> stop{false};

int Main(int argc, char** argv) {
  CLI::App app("Holds lanes, or waits on a region, and records what it sees.", "partition_client");
  l3link::partition::LaneClientOptions options;
  std::string region;
  double ttl_seconds = 0, held_wait_seconds = 0;
  app.add_option("--target", options.target, "The node, unix:PATH or HOST:PORT")->required();
  app.add_option("--region", region, "Wait on this one, and hold no lane");
  app.add_option("--channel", options.channel, "Which is open");
  app.add_option("--lane", options.lane, "Of either direction");
  app.add_flag("--send", options.sends, "Hold the host_to_chip lane");
  app.add_flag("--receive", options.receives, "Hold the chip_to_host lane");
  app.add_option("--session", options.session_id, "Who it is");
  app.add_option("--written-as", options.written_as, "Whose payloads it writes; default: its own");
  app.add_option("--log", options.log, "The file for what it sees");
  app.add_option("--ttl", ttl_seconds, "Of its leases, in seconds; 0: the node's default");
  app.add_option("--held-wait", held_wait_seconds, "How long to wait for a lane that is held, in seconds");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { stop = true; });
  absl::Status status;
  if (!region.empty()) {
    status = l3link::partition::WaitUntilStopped(options.target, region, stop);
  } else {
    if (options.written_as.empty()) options.written_as = options.session_id;
    options.lease_ttl = absl::Seconds(ttl_seconds);
    options.held_wait = absl::Seconds(held_wait_seconds);
    auto log = l3link::chaos::ClientLog::Open(options.log);
    if (!log.ok()) return fprintf(stderr, "partition_client: %s\n", log.status().ToString().c_str()), 2;
    status = l3link::partition::LaneClient(options, *std::move(log), &stop).Run();
  }
  if (status.ok()) return 0;
  fprintf(stderr, "partition_client: %s\n", status.ToString().c_str());
  return 3;
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv); }
