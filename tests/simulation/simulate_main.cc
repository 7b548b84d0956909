// simulate: runs many seeds, prints what they met, fails at the first violation or when something was met too rarely.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "tests/simulation/seeds.h"

namespace {

constexpr char kUsage[] =
    "usage: simulate [--seeds N] [--first-seed S] [--steps N] [--trace SEED] [--hash] [--plant BUG]\n"
    "\n"
    "--seeds N       how many seeds; 1000 when not given\n"
    "--first-seed S  the first of them, 1 when not given\n"
    "--steps N       of each seed, 400 when not given\n"
    "--trace SEED    runs one seed and prints every event\n"
    "--hash          prints the hash of each seed's events, and no table\n"
    "--plant BUG     plants a bug in the simulation: forget-delivered, forget-lease, head-first, early-report,\n"
    "                stale-epoch, deaf\n";

[[noreturn]] void Refuse(absl::string_view what) {
  absl::FPrintF(stderr, "simulate: %s\n%s", what, kUsage);
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  l3link::simulation::SeedRun run;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "-h") return std::fputs(kUsage, stdout), 0;
    if (name == "--hash") {
      run.print_hashes = true;
      continue;
    }
    if (i + 1 == argc) Refuse(name + " needs a value, or is unknown");
    const std::string value = argv[++i];
    if (name == "--plant") {
      if (!l3link::simulation::PlantOf(value, &run.plant)) Refuse("no bug is called " + value);
      continue;
    }
    char* end = nullptr;
    const uint64_t number = std::strtoull(value.c_str(), &end, 10);
    if (*end != 0 || value.empty()) Refuse(name + ": not a number: " + value);
    if (name == "--seeds") {
      run.seeds = number;
    } else if (name == "--first-seed") {
      run.first_seed = number;
    } else if (name == "--steps") {
      run.steps = static_cast<uint32_t>(number);
    } else if (name == "--trace") {
      run.first_seed = number;
      run.seeds = 1;
      run.print_trace = true;
    } else {
      Refuse("unknown: " + name);
    }
  }
  return RunSeeds(run) ? 0 : 1;
}
