#include "backends/sim/chip/chip_options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "backends/abi/base.h"

namespace l3link {
namespace {

constexpr char kAbout[] =
    "A simulated chip: maps a node's arena and runs a chip program on it until SIGTERM.\n"
    "\n"
    "Programs (--program NAME[@PREFIX],... ; the longest PREFIX of an object's name wins):\n"
    "  echo        answers each message of a channel with its payload\n"
    "  checksum    answers with the payload's CRC-32C, 4 bytes, little-endian\n"
    "  sink        verifies seeded messages; an empty message asks for its counts\n"
    "  source      fills every chip_to_host lane with seeded messages\n"
    "  vector_add  regions (default PREFIX: vector): data = a[n] b[n] sum[n] floats;\n"
    "              signal 0 (host) = job ready, signal 1 (chip) = job done\n"
    "  FILE.so     your own: int l3_program_main(struct l3_chip*, int argc, char** argv)\n"
    "Messages of lane i are answered on chip_to_host lane i % lane_count, with their route.";

constexpr char kEpilogue[] =
    "Exit status: 0 told to end, 2 wrong flags, 3 no such arena, 4 another chip runs on it,\n"
    "5 orphaned, 86 --crash-after; with FILE.so what it returns.\n"
    "SIGUSR2: it kills itself (SIGKILL) at the worst moment that comes next, when it has answered\n"
    "messages and not yet given their room back.";

void AddFlags(CLI::App* app, ChipOptions* options, double* orphan_ttl, double* wait_arena) {
  app->add_option("--arena", options->arena, "the arena's file, which the node makes")->required();
  app->add_option("--lock", options->lock, "held while this chip lives (default: ARENA.lock)");
  app->add_option("--program", options->program, "what to run")->capture_default_str();
  app->add_option("--spin-us", options->spin_us, "how long to look for work before sleeping")->capture_default_str();
  app->add_option("--orphan-ttl", *orphan_ttl, "seconds without host heartbeat before ending; 0: never")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  app->add_option("--wait-arena", *wait_arena, "seconds to wait for the arena to appear")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  app->add_option("--seed", options->source.seed, "of source and sink")->group("Programs")->capture_default_str();
  app->add_option("--source-bytes", options->source.message_bytes, "of each message")
      ->group("Programs")
      ->capture_default_str();
  app->add_option("--source-count", options->source.count, "messages on each lane; 0: without end")
      ->group("Programs")
      ->capture_default_str();
  app->add_option("--delay-us", options->faults.delay_us, "each message or job takes so long, on its own lane")
      ->group("Faults");
  app->add_option("--stall-after", options->faults.stall_after, "take nothing more after N; the heartbeat goes on")
      ->group("Faults");
  app->add_option("--crash-after", options->faults.crash_after, "die (status 86) after answering N messages or jobs")
      ->group("Faults");
  app->add_option("arguments", options->arguments, "for FILE.so");
}

}  // namespace

absl::optional<ChipOptions> ParseChipOptions(int argc, char** argv, int* status) {
  CLI::App app(kAbout, "l3link-sim-chip");
  ChipOptions options;
  double orphan_ttl = absl::ToDoubleSeconds(options.orphan_ttl);
  double wait_arena = absl::ToDoubleSeconds(options.wait_arena);
  app.footer(kEpilogue);
  app.set_version_flag("--version", absl::StrCat("l3link-sim-chip, ABI ", L3_ABI_VERSION));
  AddFlags(&app, &options, &orphan_ttl, &wait_arena);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *status = app.exit(error) == 0 ? kExitClean : kExitUsage;
    return absl::nullopt;
  }
  options.orphan_ttl = absl::Seconds(orphan_ttl);
  options.wait_arena = absl::Seconds(wait_arena);
  if (options.lock.empty()) options.lock = absl::StrCat(options.arena, ".lock");
  return options;
}

}  // namespace l3link
