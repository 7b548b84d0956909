#include "tests/simulation/seeds.h"

#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::simulation {
namespace {

// Below so many, rare things may well not be met.
constexpr uint64_t kFewestForFloors = 2000;

std::string TextOf(const std::vector<TraceEvent>& events) {
  std::string text;
  for (const TraceEvent& event : events) absl::StrAppend(&text, "  ", event.Text(), "\n");
  return text;
}

}  // namespace

bool PlantOf(absl::string_view name, Plant* plant) {
  struct Row {
    absl::string_view name;
    Plant plant;
  };
  static constexpr Row kRows[] = {
      {"none", Plant::kNone},
      {"forget-delivered", Plant::kForgetDelivered},
      {"forget-lease", Plant::kForgetLease},
      {"head-first", Plant::kHeadFirst},
      {"early-report", Plant::kEarlyReport},
      {"stale-epoch", Plant::kStaleEpoch},
      {"deaf", Plant::kDeaf},
  };
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    *plant = row.plant;
    return true;
  }
  return false;
}

SeedOutcome RunSeed(uint64_t seed, const SeedRun& run, SimArena* arena, Counters* counters) {
  Simulation simulation(seed, run.plant, run.print_trace, arena, counters);
  const bool held = simulation.Run(run.steps);
  const World& world = simulation.world();
  SeedOutcome outcome;
  outcome.hash = world.trace.hash();
  if (!held) {
    outcome.report = absl::StrCat("seed ", seed, " fails at step ", world.step, ": ", world.failure, "\n",
                                  run.print_trace ? "" : TextOf(world.trace.Events()));
  }
  if (run.print_trace) outcome.trace = TextOf(world.trace.Events());
  return outcome;
}

bool RunSeeds(const SeedRun& run) {
  SimArena arena;
  Counters counters;
  const auto began = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < run.seeds; ++i) {
    const uint64_t seed = run.first_seed + i;
    const SeedOutcome outcome = RunSeed(seed, run, &arena, &counters);
    if (run.print_trace) std::fputs(outcome.trace.c_str(), stdout);
    if (run.print_hashes) absl::PrintF("%d %016x\n", seed, outcome.hash);
    if (outcome.report.empty()) continue;
    absl::PrintF("%s", outcome.report);
    return false;
  }
  if (run.print_trace || run.print_hashes) return true;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  absl::PrintF("%s%d seeds of %d steps in %.1f s, %.0f a second; every invariant held\n", counters.Table(run.seeds),
               run.seeds, run.steps, took.count(), run.seeds / took.count());
  const std::string low = counters.Low(run.seeds);
  if (low.empty() || run.seeds < kFewestForFloors) return true;
  absl::PrintF("met too rarely:\n%s", low);
  return false;
}

}  // namespace l3link::simulation
