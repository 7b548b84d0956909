// Many seeds of the simulation as a test; the long form is dev/simulate --seeds 1000000.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "tests/simulation/seeds.h"

namespace l3link::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeeds = 1'000;
constexpr uint64_t kHashedSeeds = 20;
#else
constexpr uint64_t kSeeds = 100'000;
constexpr uint64_t kHashedSeeds = 200;
#endif
constexpr uint64_t kPlantedSeeds = 10'000;  // within so many, a planted bug is found

TEST(SimulationTest, HoldsEveryInvariantAndMeetsEveryFaultAndTransition) {
  SeedRun run;
  run.seeds = kSeeds;
  EXPECT_TRUE(RunSeeds(run));
}

TEST(SimulationTest, RepeatsEveryEventInASecondProcess) {
  const std::string command = absl::StrFormat("tests/simulation/simulate --hash --seeds %d", kHashedSeeds);
  FILE* other = popen(command.c_str(), "r");
  ASSERT_NE(other, nullptr);
  SimArena arena;
  Counters counters;
  for (uint64_t seed = 1; seed <= kHashedSeeds; ++seed) {
    unsigned long long other_seed = 0, other_hash = 0;
    ASSERT_EQ(std::fscanf(other, "%llu %llx", &other_seed, &other_hash), 2);
    ASSERT_EQ(other_seed, seed);
    ASSERT_EQ(other_hash, RunSeed(seed, {}, &arena, &counters).hash) << "seed " << seed;
  }
  EXPECT_EQ(pclose(other), 0);
}

class PlantedBugTest : public testing::TestWithParam<const char*> {};

TEST_P(PlantedBugTest, IsFound) {
  SeedRun run;
  ASSERT_TRUE(PlantOf(GetParam(), &run.plant));
  SimArena arena;
  Counters counters;
  for (uint64_t seed = 1; seed <= kPlantedSeeds; ++seed) {
    const std::string report = RunSeed(seed, run, &arena, &counters).report;
    if (report.empty()) continue;
    std::printf("found by %s\n", report.substr(0, report.find('\n')).c_str());
    return;
  }
  ADD_FAILURE() << "not found in " << kPlantedSeeds << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedBugTest,
                         testing::Values("forget-delivered", "forget-lease", "head-first", "early-report",
                                         "stale-epoch", "deaf"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace l3link::simulation
