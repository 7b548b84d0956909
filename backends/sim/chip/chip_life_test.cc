// How a chip process lives and dies: faults on command, its own return, one chip an arena, orphans, arenas made anew.
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <string>
#include <vector>

#include "backends/sim/chip/testing/chip_process.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(ChipLifeTest, SigtermDetachesAndEndsWell) {
  SimChipBench bench;
  bench.Start({"--program", "echo"});
  EXPECT_EQ(bench.arena().header().chip.chip_state, L3_CHIP_RUNNING);
  EXPECT_EQ(bench.arena().header().chip.pid, static_cast<uint32_t>(bench.chip().pid()));
  bench.chip().Signal(SIGTERM);
  EXPECT_EQ(bench.chip().Wait(), 0);
  EXPECT_EQ(bench.arena().header().chip.chip_state, L3_CHIP_DETACHED);
}

TEST(ChipLifeTest, CrashesAfterSoManyAndDoublesNothingWhenItReturns) {
  SimChipBench bench;
  const HandObject channel =
      bench.arena().AddChannel("jobs", {.host_to_chip = 2, .chip_to_host = 1, .lane_depth = 16, .checksum = true});
  const HandLane out = bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0);
  uint64_t sent[2] = {}, received[2] = {}, in_all = 0;
  for (int life = 0; life < 12; ++life) {
    bench.Start({"--program", "echo", "--crash-after", std::to_string(1 + life % 5)});
    while (bench.chip().Running()) {
      for (uint32_t lane = 0; lane < 2;
           ++lane)  // the same bytes, route and correlation id everywhere: only counts tell
        if (bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, lane), lane, 0, "same")) ++sent[lane];
      while (const auto answer = bench.arena().Receive(out)) {
        EXPECT_EQ(answer->sequence, in_all++);
        ++received[answer->route];
      }
    }
    EXPECT_EQ(bench.chip().Wait(), 86);
  }
  bench.Start({"--program", "echo"});
  while (received[0] + received[1] < sent[0] + sent[1]) ++received[bench.Receive(out).route];
  EXPECT_EQ(received[0], sent[0]);
  EXPECT_EQ(received[1], sent[1]);
  EXPECT_FALSE(bench.arena().Receive(out).has_value());
}

TEST(ChipLifeTest, AskedToItKillsItselfBetweenAnswerAndReleaseAndDoublesNothingWhenItReturns) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("jobs", {.lane_depth = 8});
  const HandLane in = bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0);
  const HandLane out = bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0);
  for (uint64_t life = 0; life < 4; ++life) {
    bench.Start({"--program", "echo"});
    bench.chip().Signal(SIGUSR2);
    ASSERT_TRUE(bench.arena().Send(in, 0, life, "x"));
    EXPECT_EQ(bench.chip().Wait(), 128 + SIGKILL);
    EXPECT_EQ(out.producer->tail, life + 1) << "answered";
    EXPECT_EQ(in.consumer->head, life) << "and its room not given back";
    EXPECT_EQ(bench.Receive(out).correlation_id, life);
  }
  bench.Start({"--program", "echo"});
  bench.WaitFor([&] { return __atomic_load_n(&in.consumer->head, __ATOMIC_ACQUIRE) == 4; });
  EXPECT_EQ(out.producer->tail, 4u) << "nothing was answered twice";
}

TEST(ChipLifeTest, StallsAfterSoManyButGoesOnBeating) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("jobs", {.lane_depth = 8});
  bench.Start({"--program", "echo", "--stall-after", "3"});
  const HandLane in = bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0);
  for (int i = 0; i < 5; ++i) bench.WaitFor([&] { return bench.arena().Send(in, 0, i, "x"); });
  for (int i = 0; i < 3; ++i) bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0));
  const uint64_t beat = __atomic_load_n(&bench.arena().header().chip.heartbeat, __ATOMIC_RELAXED);
  bench.WaitFor([&] { return __atomic_load_n(&bench.arena().header().chip.heartbeat, __ATOMIC_RELAXED) >= beat + 3; });
  EXPECT_EQ(in.consumer->head, 3u);
}

TEST(ChipLifeTest, DelaysEachLaneByItself) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("jobs", {.host_to_chip = 8, .chip_to_host = 8});
  bench.Start({"--program", "echo", "--delay-us", "20000"});
  for (uint32_t lane = 0; lane < 8; ++lane)
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, lane), lane, lane, "slow"));
  for (uint32_t lane = 0; lane < 8; ++lane)
    EXPECT_EQ(bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, lane)).correlation_id, lane);
}

TEST(ChipLifeTest, SecondChipIsRefused) {
  SimChipBench bench;
  bench.Start({"--program", "echo"});
  const auto second = bench.Launch({"--program", "echo"});
  EXPECT_EQ(second->Wait(), 4);
  EXPECT_NE(second->Stderr().find("another chip runs on this arena"), std::string::npos) << second->Stderr();
  EXPECT_NE(second->Stderr().find(std::to_string(bench.chip().pid())), std::string::npos) << "names the holder";
  EXPECT_EQ(bench.arena().header().chip.attach_count, 1u);
  bench.chip().Signal(SIGKILL);
  bench.chip().Wait();
  bench.Start({"--program", "echo"});  // the lock died with its holder
}

TEST(ChipLifeTest, AnOrphanEnds) {
  SimChipBench bench;
  bench.Start({"--program", "echo", "--orphan-ttl", "0.5"});
  EXPECT_EQ(bench.chip().Wait(), 5) << bench.chip().Stderr();
  EXPECT_EQ(bench.arena().header().chip.chip_state, L3_CHIP_DETACHED);
}

TEST(ChipLifeTest, AttachesToAnArenaMadeAnew) {
  SimChipBench bench;
  bench.Start({"--program", "echo"});
  bench.ReplaceArena();
  const HandObject channel = bench.arena().AddChannel("new", {});
  ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0), 0, 0, "anew"));
  EXPECT_EQ(bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0)).payload, "anew");
}

TEST(ChipLifeTest, WaitsForItsArenaAndSaysWhatIsWrongWithIt) {
  SimChipBench bench;
  const std::string hidden = bench.arena_path() + ".hidden";
  std::filesystem::rename(bench.arena_path(), hidden);
  auto chip = bench.Launch({"--wait-arena", "0"});
  EXPECT_EQ(chip->Wait(), 3);
  EXPECT_NE(chip->Stderr().find("cannot open arena"), std::string::npos) << chip->Stderr();
  chip = bench.Launch({"--wait-arena", "600"});
  std::filesystem::rename(hidden, bench.arena_path());
  bench.WaitFor([&] { return __atomic_load_n(&bench.arena().header().chip.attach_count, __ATOMIC_ACQUIRE) == 1; });
  chip.reset();
  bench.arena().header().identity.abi_version = 7;
  chip = bench.Launch({});
  EXPECT_EQ(chip->Wait(), 3);
  EXPECT_NE(chip->Stderr().find("another ABI version: it has 7, this chip 2"), std::string::npos) << chip->Stderr();
}

TEST(ChipLifeTest, DropsClosedAndResetLanesAndAcknowledges) {
  SimChipBench bench;
  const HandObject closed = bench.arena().AddChannel("closed", {});
  const HandObject kept = bench.arena().AddChannel("kept", {.host_to_chip = 2, .chip_to_host = 2});
  bench.Start({"--program", "echo"});
  HandLane old_in = bench.arena().Lane(closed, L3_HOST_TO_CHIP, 0);
  const HandLane reset_in = bench.arena().Lane(kept, L3_HOST_TO_CHIP, 0);
  bench.arena().Close(closed);
  bench.arena().ResetLane(kept, L3_HOST_TO_CHIP, 0);
  bench.arena().ResetLane(kept, L3_CHIP_TO_HOST, 0);
  const uint64_t version = bench.arena().header().host.directory_version;
  bench.WaitFor(
      [&] { return __atomic_load_n(&bench.arena().header().chip.directory_ack, __ATOMIC_ACQUIRE) == version; });
  ASSERT_TRUE(bench.arena().Send(old_in, 0, 0, "to nobody"));
  ASSERT_TRUE(bench.arena().Send(reset_in, 0, 0, "to nobody"));
  ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(kept, L3_HOST_TO_CHIP, 0), 0, 1, "fresh"));
  const HandMessage answer = bench.Receive(bench.arena().Lane(kept, L3_CHIP_TO_HOST, 0));
  EXPECT_EQ(answer.correlation_id, 1u);
  EXPECT_EQ(answer.sequence, 0u);
  EXPECT_EQ(old_in.consumer->head, 0u);
  EXPECT_EQ(reset_in.consumer->head, 0u);
}

TEST(ChipLifeTest, FlagsThatAreWrongExplainThemselves) {
  SimChipBench bench;
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--program", "ecoh"}, {"--no-such-flag"}, {"--program", "./missing.so"}}) {
    const auto chip = bench.Launch(flags);
    EXPECT_EQ(chip->Wait(), 2) << flags[0];
    EXPECT_FALSE(chip->Stderr().empty()) << flags[0];
  }
}

}  // namespace
}  // namespace l3link
