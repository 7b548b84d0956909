// A small share of dev/chaos, so that every run of the tests has daemon, clients and chip killed under load.
#include <atomic>
#include <cstdio>

#include "gtest/gtest.h"
#include "tests/chaos/chaos_run.h"

namespace l3link::chaos {
namespace {

TEST(ChaosTest, NothingIsLostDoubledOrSwappedWhoeverIsKilled) {
  ChaosOptions options;
  options.kills = 100;
  options.messages = 5'000'000;
  const std::atomic<bool> stop{false};
  ChaosRun run(options, stop, [](uint64_t, uint64_t) {});
  const ChaosReport report = run.Run();
  EXPECT_TRUE(report.Passed(options.kills, options.messages)) << report.Table();
  EXPECT_GT(report.Supervised(), 0u);
  EXPECT_GT(report.AtTheWorstMoment(), 0u);
  printf("%s%s", report.Table().c_str(), report.Json().c_str());
}

// However few messages are asked for, they flow until the last kill is got over.
TEST(ChaosTest, KillsAreTheGoalAndMessagesTheLeast) {
  ChaosOptions options;
  options.kills = 12;
  options.messages = 1'000;
  options.seed = 7;
  const std::atomic<bool> stop{false};
  const ChaosReport report = ChaosRun(options, stop, [](uint64_t, uint64_t) {}).Run();
  EXPECT_TRUE(report.Passed(options.kills, options.messages)) << report.Table();
}

}  // namespace
}  // namespace l3link::chaos
