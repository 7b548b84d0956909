// A small share of dev/chaos, so that every run of the tests has daemon, clients and chip killed under load.
#include <atomic>

#include "gtest/gtest.h"
#include "tests/chaos/chaos_run.h"

namespace l3link::chaos {
namespace {

TEST(ChaosTest, NothingIsLostDoubledOrSwappedWhoeverIsKilled) {
  ChaosOptions options;
  options.kills = 15;
  options.messages = 3'000'000;  // enough that all are killed while there are some
  const std::atomic<bool> stop{false};
  ChaosRun run(options, stop, [](uint64_t, uint64_t) {});
  const ChaosReport report = run.Run();
  EXPECT_TRUE(report.Passed(options.kills)) << report.Table();
  EXPECT_GE(report.messages, options.messages);
  EXPECT_EQ(report.InFlight(), options.kills);
  for (const Victim victim : kVictims) EXPECT_EQ(report.CountOf(victim), options.kills / 3) << NameOf(victim);
}

}  // namespace
}  // namespace l3link::chaos
