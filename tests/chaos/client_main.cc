// chaos_client: the process that the driver starts, kills and starts again. Exit status 0: every message is back.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "client/errors.h"
#include "tests/chaos/chaos_client.h"

namespace {

int Main(int argc, char** argv) {
  CLI::App app("Streams messages through one lane pair of an echo channel and records what it sees.", "chaos_client");
  l3link::chaos::ClientOptions options;
  app.add_option("--target", options.target, "The node, unix:PATH or HOST:PORT")->required();
  app.add_option("--channel", options.channel, "Which is open")->capture_default_str();
  app.add_option("--lane", options.lane, "Of either direction")->required();
  app.add_option("--session", options.session_id, "The same at every start")->required();
  app.add_option("--log", options.log, "The file in which it stands")->required();
  app.add_option("--seed", options.seed, "Of the payloads")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  absl::Status status;
  do {  // a lease that ran out is no end: the same session goes on where it stands
    auto log = l3link::chaos::ClientLog::Open(options.log);
    if (!log.ok()) return fprintf(stderr, "chaos_client: %s\n", log.status().ToString().c_str()), 2;
    l3link::chaos::ChaosClient client(options, *std::move(log));
    status = client.Run();
  } while (l3link::client::HasReason(status, l3link::v1::LEASE_EXPIRED));
  if (!status.ok()) return fprintf(stderr, "chaos_client %u: %s\n", options.lane, status.ToString().c_str()), 3;
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv); }
