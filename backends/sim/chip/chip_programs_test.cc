// Each built-in program, in a real chip process on a real mapped file; the host is played by hand.
#include <signal.h>

#include <cstring>
#include <string>
#include <vector>

#include "backends/abi/crc32c.h"
#include "backends/sim/chip/seeded_payload.h"
#include "backends/sim/chip/testing/chip_process.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

std::string Seeded(uint64_t seed, uint32_t lane, uint64_t sequence, size_t bytes) {
  std::string payload(bytes, '\0');
  FillSeededPayload(seed, lane, sequence, absl::MakeSpan(reinterpret_cast<uint8_t*>(payload.data()), bytes));
  return payload;
}

TEST(ChipProgramsTest, EchoAnswersLaneByLaneWithRouteAndCorrelation) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("jobs", {.host_to_chip = 3, .chip_to_host = 2});
  bench.Start({"--program", "echo"});
  for (uint32_t lane = 0; lane < 3; ++lane)
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, lane), 100 + lane, 7000 + lane,
                                   "from lane " + std::to_string(lane)));
  const HandMessage other = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 1));
  EXPECT_EQ(other.payload, "from lane 1");
  EXPECT_EQ(other.route, 101u);
  EXPECT_EQ(other.correlation_id, 7001u);
  uint64_t correlations = 0;
  for (uint64_t sequence = 0; sequence < 2; ++sequence) {
    const HandMessage answer = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0));
    EXPECT_EQ(answer.sequence, sequence);
    correlations += answer.correlation_id;
  }
  EXPECT_EQ(correlations, 7000u + 7002u) << "lanes 0 and 2 share reply lane 0";
}

TEST(ChipProgramsTest, ServesChannelsThatAreOpenedLater) {
  SimChipBench bench;
  bench.Start({"--program", "echo"});
  for (int round = 0; round < 20; ++round) {
    const HandObject channel = bench.arena().AddChannel("c" + std::to_string(round), {.checksum = true});
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0), 0, round, "late"));
    const HandMessage answer = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0));
    EXPECT_EQ(answer.correlation_id, static_cast<uint64_t>(round));
  }
}

// Whichever object's turn comes first when others are closed.
TEST(ChipProgramsTest, ServesWhatIsLeftWhenOtherChannelsAreClosed) {
  SimChipBench bench;
  const HandObject kept = bench.arena().AddChannel("kept", {});
  bench.Start({"--program", "echo"});
  const auto exchange = [&] {
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(kept, L3_HOST_TO_CHIP, 0), 0, 0, "ping"));
    EXPECT_EQ(bench.Receive(bench.arena().Lane(kept, L3_CHIP_TO_HOST, 0)).payload, "ping");
  };
  for (int turns = 0; turns < 8; ++turns) {
    std::vector<HandObject> others;
    for (int i = 0; i < 4; ++i)
      others.push_back(bench.arena().AddChannel("other" + std::to_string(turns) + "-" + std::to_string(i), {}));
    for (int i = 0; i < 1 + turns; ++i) exchange();
    for (const HandObject& other : others) bench.arena().Close(other);
    exchange();
  }
}

TEST(ChipProgramsTest, EchoesSixteenMebibytesAndNothing) {
  SimChipBench bench(160 << 20);
  const uint32_t most = 16 << 20;
  const HandObject channel = bench.arena().AddChannel("large", {.max_message_bytes = most});
  bench.Start({"--program", "echo"});
  for (uint32_t bytes : {most, 0u, 1u, most - 1, most}) {
    const std::string payload = Seeded(3, 0, bytes, bytes);
    bench.WaitFor([&] { return bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0), 0, 0, payload); });
    EXPECT_TRUE(bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0)).payload == payload) << bytes;
  }
}

TEST(ChipProgramsTest, ChecksumAnswersFourBytes) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("sums", {.lane_depth = 64});
  bench.Start({"--program", "checksum"});
  const HandLane in = bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0);
  const HandLane out = bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0);
  for (uint32_t i = 0; i < 1000; ++i) {
    const std::string payload = Seeded(1, 0, i, i % 257);
    bench.WaitFor([&] { return bench.arena().Send(in, i, i, payload); });
    const HandMessage answer = bench.Receive(out);
    uint32_t crc;
    ASSERT_EQ(answer.payload.size(), 4u);
    memcpy(&crc, answer.payload.data(), 4);
    EXPECT_EQ(crc, l3_crc32c(payload.data(), payload.size()));
  }
}

TEST(ChipProgramsTest, SinkCountsWhatIsRightAndWrong) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("drain", {.host_to_chip = 2, .lane_depth = 8});
  bench.Start({"--program", "sink", "--seed", "42"});
  const HandLane in = bench.arena().Lane(channel, L3_HOST_TO_CHIP, 1);
  for (uint64_t i = 0; i < 100; ++i) {
    std::string payload = Seeded(42, 1, i, 1 + i);
    if (i == 70) payload.back() ^= 1;
    bench.WaitFor([&] { return bench.arena().Send(in, 0, 0, payload); });
  }
  bench.WaitFor([&] { return bench.arena().Send(in, 9, 5, ""); });
  const HandMessage answer = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0));
  EXPECT_EQ(answer.payload, "lane 1 verified 99 wrong 1 first_wrong 70");
  EXPECT_EQ(answer.correlation_id, 5u);
  bench.chip().Signal(SIGTERM);
  EXPECT_EQ(bench.chip().Wait(), 0);
  EXPECT_NE(bench.chip().Stderr().find("sink: lane 1 verified 99 wrong 1 first_wrong 70"), std::string::npos);
}

TEST(ChipProgramsTest, SourceFillsEveryLaneAndGoesOnAfterItsDeath) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("feed", {.host_to_chip = 0, .chip_to_host = 2, .lane_depth = 8});
  const std::vector<std::string> flags = {"--program",      "source", "--seed",         "9",
                                          "--source-bytes", "33",     "--source-count", "60"};
  bench.Start(flags);
  for (uint64_t i = 0; i < 60; ++i) {
    if (i == 20) {
      bench.chip().Signal(SIGKILL);
      bench.chip().Wait();
      bench.Start(flags);
    }
    for (uint32_t lane = 0; lane < 2; ++lane) {
      const HandMessage message = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, lane));
      EXPECT_EQ(message.sequence, i);
      EXPECT_EQ(message.correlation_id, i);
      EXPECT_EQ(message.route, lane);
      EXPECT_EQ(message.payload, Seeded(9, lane, i, 33));
    }
  }
}

TEST(ChipProgramsTest, VectorAddDoesJobAfterJob) {
  SimChipBench bench;
  constexpr uint64_t kElements = 300'001;
  const HandObject region = bench.arena().AddRegion("vector0", kElements * 12, {L3_WRITER_HOST, L3_WRITER_CHIP});
  const HandObject other = bench.arena().AddRegion("plain", 12, {L3_WRITER_HOST, L3_WRITER_CHIP});
  bench.Start({"--program", "echo,vector_add"});
  bench.arena().SetSignal(other, 0, 1);
  float* a = reinterpret_cast<float*>(bench.arena().RegionData(region));
  for (uint64_t job = 1; job <= 3; ++job) {
    for (uint64_t i = 0; i < kElements; ++i) {
      a[i] = static_cast<float>(i % 1000) * static_cast<float>(job);
      a[kElements + i] = static_cast<float>(i % 77);
    }
    bench.arena().SetSignal(region, 0, job);
    bench.WaitFor([&] { return __atomic_load_n(&bench.arena().Signal(region, 1).value, __ATOMIC_ACQUIRE) == job; });
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < kElements; ++i) wrong += a[2 * kElements + i] != a[i] + a[kElements + i];
    EXPECT_EQ(wrong, 0u) << "job " << job;
  }
  EXPECT_EQ(bench.arena().Signal(other, 1).value, 0u) << "its name does not begin with vector";
}

TEST(ChipProgramsTest, LongestPrefixChoosesTheProgram) {
  SimChipBench bench;
  const HandObject plain = bench.arena().AddChannel("a", {});
  const HandObject sums = bench.arena().AddChannel("sum-1", {});
  bench.Start({"--program", "echo,sink@s,checksum@sum-"});
  for (const HandObject& channel : {plain, sums})
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0), 0, 0, "eightbyt"));
  EXPECT_EQ(bench.Receive(bench.arena().Lane(plain, L3_CHIP_TO_HOST, 0)).payload.size(), 8u);
  EXPECT_EQ(bench.Receive(bench.arena().Lane(sums, L3_CHIP_TO_HOST, 0)).payload.size(), 4u);
}

TEST(ChipProgramsTest, AFullReplyLaneHoldsUpNoOtherLane) {
  SimChipBench bench;
  const HandObject channel = bench.arena().AddChannel("jobs", {.host_to_chip = 2, .chip_to_host = 2, .lane_depth = 2});
  bench.Start({"--program", "echo"});
  const HandLane blocked = bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0);
  for (uint64_t i = 0; i < 4; ++i)  // two fill the reply lane, two stay untaken
    bench.WaitFor([&] { return bench.arena().Send(blocked, 0, i, "held"); });
  for (uint64_t i = 0; i < 100; ++i) {
    bench.WaitFor([&] { return bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 1), 1, i, "free"); });
    EXPECT_EQ(bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 1)).correlation_id, i);
  }
  EXPECT_EQ(blocked.consumer->head, 2u);
  for (uint64_t i = 0; i < 4; ++i)
    EXPECT_EQ(bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0)).correlation_id, i);
}

TEST(ChipProgramsTest, AUsersProgramInCServesItsChannel) {
  SimChipBench bench;
  const HandObject other = bench.arena().AddChannel("other", {});
  HandObject channel = bench.arena().AddChannel("shout", {});
  bench.Start({"--program", Runfile("backends/sim/chip/examples/libupper.so"), "shout"});
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(bench.arena().Send(bench.arena().Lane(channel, L3_HOST_TO_CHIP, 0), 4, 8, "make it Loud!"));
    const HandMessage answer = bench.Receive(bench.arena().Lane(channel, L3_CHIP_TO_HOST, 0));
    EXPECT_EQ(answer.payload, "MAKE IT LOUD!");
    EXPECT_EQ(answer.route, 4u);
    EXPECT_EQ(answer.correlation_id, 8u);
    bench.arena().Close(channel);
    channel = bench.arena().AddChannel("shout", {});
  }
  EXPECT_EQ(bench.arena().Lane(other, L3_CHIP_TO_HOST, 0).producer->tail, 0u);
  bench.chip().Signal(SIGTERM);
  EXPECT_EQ(bench.chip().Wait(), 0);
  EXPECT_EQ(bench.arena().header().chip.chip_state, L3_CHIP_DETACHED);
}

}  // namespace
}  // namespace l3link
