// Runs of many seeds, as the command and the test ask for them. One thread.
#ifndef L3LINK_TESTS_SIMULATION_SEEDS_H_
#define L3LINK_TESTS_SIMULATION_SEEDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/simulation/simulation.h"

namespace l3link::simulation {

struct SeedRun {
  uint64_t first_seed = 1;
  uint64_t seeds = 1000;
  uint32_t steps = 400;
  Plant plant = Plant::kNone;
  bool print_trace = false;
  bool print_hashes = false;
};

bool PlantOf(absl::string_view name, Plant* plant);

// What is left of one seed.
struct SeedOutcome {
  uint64_t hash = 0;
  std::string report;  // of a violated invariant, with the last events; empty: all held
  std::string trace;   // every event, where it was asked for
};

SeedOutcome RunSeed(uint64_t seed, const SeedRun& run, SimArena* arena, Counters* counters);

// Prints a table, or a failing seed's report. True: everything held, and nothing was met too rarely.
bool RunSeeds(const SeedRun& run);

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SEEDS_H_
