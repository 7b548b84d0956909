// Millions of messages between two processes: none lost, doubled, reordered or changed.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/conformance/chip_fixture.h"
#include "tests/stress/lane_pump.h"

namespace l3link {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kMessages = 500'000;
#else
constexpr uint64_t kMessages = 10'000'000;
#endif

std::shared_ptr<HostChannel> Open(RunningChip& running, uint32_t lanes) {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = lanes;
  config.lane.lane_depth = 1024;
  config.lane.max_message_bytes = 64;
  return *running.calls().OpenChannel("stress", config);
}

TEST(LaneStressTest, TenMillionMessagesThroughOneLanePair) {
  RunningChip running("a2a3sim", {"echo"});
  ASSERT_TRUE(running.AwaitRunning()) << running.log();
  std::shared_ptr<HostChannel> channel = Open(running, 1);
  EXPECT_EQ(LanePump(&running.chip(), channel.get(), 0, 64).Run(kMessages), "");
}

TEST(LaneStressTest, FourThreadsOnFourLanes) {
  RunningChip running("a2a3sim", {"echo"});
  ASSERT_TRUE(running.AwaitRunning()) << running.log();
  std::shared_ptr<HostChannel> channel = Open(running, 4);
  std::vector<std::thread> threads;
  for (uint32_t lane = 0; lane < 4; ++lane) {
    threads.emplace_back(
        [&, lane] { EXPECT_EQ(LanePump(&running.chip(), channel.get(), lane, 16 + lane).Run(kMessages / 10), ""); });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace l3link
