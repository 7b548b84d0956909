// Channels, on every platform that has a simulation: a host in this process, the chip in its own.
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "backends/abi/crc32c.h"
#include "backends/host/refusal.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link {
namespace {

ChannelConfig Config(uint32_t lanes, uint32_t depth = 64, uint32_t most = 4096, bool checksum = false) {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = lanes;
  config.lane.lane_depth = depth;
  config.lane.max_message_bytes = most;
  config.lane.checksum = checksum;
  return config;
}

class ChannelConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  // Starts the chip and opens one channel on it.
  void Start(const std::string& program, const ChannelConfig& config, const std::vector<std::string>& arguments = {}) {
    running_ = std::make_unique<RunningChip>(GetParam(), std::vector<std::string>{program}, arguments);
    ASSERT_TRUE(running_->AwaitRunning()) << running_->log();
    absl::StatusOr<std::shared_ptr<HostChannel>> channel = calls().OpenChannel("text", config);
    ASSERT_TRUE(channel.ok()) << channel.status();
    channel_ = *std::move(channel);
  }

  // Sends the payloads on one route and expects them back.
  void ExpectEchoes(const std::vector<std::string>& payloads, uint32_t route, uint64_t first_sequence = 0) {
    std::vector<OutgoingMessage> messages;
    for (size_t i = 0; i < payloads.size(); ++i) messages.push_back(Message(payloads[i], route, 100 + i));
    std::thread sender([&] { SendAll(calls(), *channel_, messages); });
    std::vector<ReceivedMessage> answers = ReceiveCount(calls(), *channel_, payloads.size());
    sender.join();
    ASSERT_EQ(answers.size(), payloads.size());
    for (size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(answers[i].payload == payloads[i]) << i;
      ASSERT_EQ(answers[i].header.sequence, first_sequence + i);
      ASSERT_EQ(answers[i].header.route, route);
      ASSERT_EQ(answers[i].header.correlation_id, 100 + i);
    }
  }

  ChipCalls& calls() { return running_->calls(); }

  std::unique_ptr<RunningChip> running_;
  std::shared_ptr<HostChannel> channel_;
};

TEST_P(ChannelConformanceTest, EchoesMessagesOfAllSizes) {
  Start("echo", Config(1));
  ExpectEchoes({"", "a", "hello", std::string(4095, 'y'), std::string(4096, 'x'), ""}, 5);
}

TEST_P(ChannelConformanceTest, EchoesManyThroughALaneOfDepthOne) {
  Start("echo", Config(1, 1, 64, true));
  std::vector<std::string> payloads;
  for (int i = 0; i < 2000; ++i) payloads.push_back(std::string(i % 65, static_cast<char>('a' + i % 26)));
  ExpectEchoes(payloads, 1);
}

TEST_P(ChannelConformanceTest, EchoesSixteenMebibytes) {
  Start("echo", Config(1, 2, 16 << 20, true));
  std::vector<std::string> payloads;
  for (int i = 0; i < 4; ++i) payloads.push_back(std::string((16 << 20) - 3 * i, static_cast<char>('a' + i)));
  ExpectEchoes(payloads, 0);
}

TEST_P(ChannelConformanceTest, ChecksumsManyOverSeveralLanesEachInOrder) {
  constexpr int kMessages = 20000;
  constexpr uint32_t kLanes = 4;
  Start("checksum", Config(kLanes, 16, 256));
  std::vector<std::string> payloads;
  std::vector<OutgoingMessage> messages;
  for (int i = 0; i < kMessages; ++i) payloads.push_back(absl::StrCat("line ", i, std::string(i % 200, '.')));
  for (int i = 0; i < kMessages; ++i) messages.push_back(Message(payloads[i], i % 7, i));
  std::thread sender([&] { SendAll(calls(), *channel_, messages); });
  std::vector<ReceivedMessage> answers = ReceiveCount(calls(), *channel_, kMessages);
  sender.join();
  std::vector<uint64_t> newest(7, 0);
  for (const ReceivedMessage& answer : answers) {
    const uint64_t i = answer.header.correlation_id;
    ASSERT_LT(i, payloads.size());
    ASSERT_EQ(answer.header.route, i % 7);
    ASSERT_EQ(answer.lane, answer.header.route % kLanes);
    ASSERT_EQ(answer.payload.size(), 4u);
    uint32_t crc;
    std::memcpy(&crc, answer.payload.data(), 4);
    ASSERT_EQ(crc, l3_crc32c(payloads[i].data(), payloads[i].size()));
    ASSERT_TRUE(i < 7 || i == newest[i % 7] + 7) << "reordered, lost or doubled: " << i;
    newest[i % 7] = i;
  }
}

TEST_P(ChannelConformanceTest, ATimeoutOfZeroIsOneProbe) {
  Start("echo", Config(1, 2, 64), {"--stall-after=1"});
  EXPECT_TRUE(IsRefusal(ReceiveOne(calls(), *channel_, absl::ZeroDuration()).status(), Reason::kWOULD_BLOCK));
  ExpectEchoes({"the last one"}, 0);
  // The chip gives the answered one's room back a little after its answer; these two then stay.
  EXPECT_TRUE(calls().ChannelSend(*channel_, Message("a"), kPatience).ok());
  EXPECT_TRUE(calls().ChannelSend(*channel_, Message("b"), kPatience).ok());
  EXPECT_TRUE(IsRefusal(calls().ChannelSend(*channel_, Message("c"), absl::ZeroDuration()), Reason::kWOULD_BLOCK));
  EXPECT_TRUE(IsRefusal(calls().ChannelSend(*channel_, Message("c"), absl::Milliseconds(30)), Reason::kWOULD_BLOCK));
  ChipLock lock(running_->chip());
  EXPECT_GT(channel_->lane(Direction::kHostToChip, 0).producer->full_count(), 0u);
}

TEST_P(ChannelConformanceTest, RefusesWhatDoesNotFitAndWhatIsNotThere) {
  Start("echo", Config(1, 2, 64));
  EXPECT_TRUE(IsRefusal(calls().ChannelSend(*channel_, Message(std::string(65, 'x')), absl::ZeroDuration()),
                        Reason::kMESSAGE_TOO_LARGE));
  ChannelConfig receive_only = Config(1);
  receive_only.host_to_chip_lanes = 0;
  absl::StatusOr<std::shared_ptr<HostChannel>> other = calls().OpenChannel("receive-only", receive_only);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(IsRefusal(calls().ChannelSend(**other, Message("x"), absl::ZeroDuration()), Reason::kLANE_NOT_FOUND));
  EXPECT_TRUE(calls().CloseChannel(**other).ok());
  EXPECT_TRUE(IsRefusal(calls().CloseChannel(**other), Reason::kCHANNEL_CLOSED));
  EXPECT_TRUE(IsRefusal(ReceiveOne(calls(), **other, absl::ZeroDuration()).status(), Reason::kCHANNEL_CLOSED));
  ExpectEchoes({"still here"}, 0);
}

TEST_P(ChannelConformanceTest, AResetLaneBeginsAgain) {
  Start("echo", Config(1, 8, 64));
  ExpectEchoes({"a", "b", "c"}, 0);
  ASSERT_TRUE(calls().ResetLane(*channel_, Direction::kHostToChip, 0).ok());
  ExpectEchoes({"d"}, 0, 3);
  ASSERT_TRUE(calls().ResetLane(*channel_, Direction::kChipToHost, 0).ok());
  ExpectEchoes({"e", "f"}, 0, 0);
}

TEST_P(ChannelConformanceTest, WaitingCallsEndWhenTheChannelIsClosed) {
  Start("echo", Config(1));
  std::thread closer([&] { EXPECT_TRUE(calls().CloseChannel(*channel_).ok()); });
  EXPECT_TRUE(IsRefusal(ReceiveOne(calls(), *channel_, kPatience).status(), Reason::kCHANNEL_CLOSED));
  closer.join();
}

TEST_P(ChannelConformanceTest, ClosedChannelsGiveTheirMemoryBack) {
  Start("echo", Config(2));
  for (int i = 0; i < 50; ++i) {
    absl::StatusOr<std::shared_ptr<HostChannel>> channel = calls().OpenChannel("again", Config(2, 8, 1 << 20));
    ASSERT_TRUE(channel.ok()) << i << ": " << channel.status();  // 8 MiB a time; the arena has 256
    ASSERT_TRUE(calls().CloseChannel(**channel).ok());
    channel->reset();
    ExpectEchoes({"alive"}, 0, i);  // the chip program has looked at the directory meanwhile, or will
  }
}

TEST_P(ChannelConformanceTest, AChipThatCrashesIsLostAndGoesOnWhenItIsBack) {
  Start("echo", Config(1, 8, 64), {"--crash-after=3"});
  std::vector<OutgoingMessage> messages(5, Message("x"));
  SendAll(calls(), *channel_, messages);
  ASSERT_TRUE(calls().AwaitChipState(ChipState::kLost, kPatience));
  EXPECT_NE(running_->Status().detail.find("exited with status 86"), std::string::npos) << running_->Status().detail;
  ASSERT_TRUE(running_->AwaitRunning()) << running_->log();
  EXPECT_GE(running_->Status().attach_count, 2u);
  std::vector<ReceivedMessage> answers = ReceiveCount(calls(), *channel_, 5);
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].header.sequence, i);
}

TEST_P(ChannelConformanceTest, AThousandChannelsAreOpenedServedAndClosed) {
  Start("echo", Config(1));
  std::vector<std::shared_ptr<HostChannel>> channels;
  for (int i = 0; i < 1000; ++i) {
    absl::StatusOr<std::shared_ptr<HostChannel>> channel = calls().OpenChannel(absl::StrCat("c", i), Config(1, 4, 256));
    ASSERT_TRUE(channel.ok()) << i << ": " << channel.status();
    channels.push_back(*std::move(channel));
  }
  for (size_t i = 0; i < channels.size(); i += 100) {
    SendAll(calls(), *channels[i], {Message("hello")});
    ASSERT_EQ(ReceiveCount(calls(), *channels[i], 1).size(), 1u) << i;
  }
  for (auto& channel : channels) EXPECT_TRUE(calls().CloseChannel(*channel).ok());
  EXPECT_EQ(running_->Status().channel_count, 1u);
}

TEST_P(ChannelConformanceTest, FourThreadsOnFourLanesDoNotDisturbEachOther) {
  Start("echo", Config(1));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      absl::StatusOr<std::shared_ptr<HostChannel>> channel =
          calls().OpenChannel(absl::StrCat("t", t), Config(1, 8, 64));
      ASSERT_TRUE(channel.ok());
      for (int i = 0; i < 500; ++i) {
        const std::string text = absl::StrCat(t, ":", i);
        SendAll(calls(), **channel, {Message(text)});
        std::vector<ReceivedMessage> answers = ReceiveCount(calls(), **channel, 1);
        ASSERT_EQ(answers.size(), 1u);
        ASSERT_EQ(answers[0].payload, text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Platforms, ChannelConformanceTest, testing::Values("a2a3sim", "a5sim"),
                         [](const auto& param) { return param.param; });

class UnsupportedPlatformTest : public testing::TestWithParam<std::string> {};

TEST_P(UnsupportedPlatformTest, RefusesEveryOpenAndSaysWhy) {
  RunningChip running(GetParam());
  const absl::Status channel = running.calls().OpenChannel("text", Config(1)).status();
  EXPECT_TRUE(IsRefusal(channel, Reason::kPLATFORM_UNSUPPORTED)) << channel;
  EXPECT_NE(channel.message().find(absl::StrCat("not supported on ", GetParam())), std::string::npos) << channel;
  RegionConfig region;
  region.data_bytes = 8;
  EXPECT_TRUE(IsRefusal(running.calls().OpenSharedMemory("r", region).status(), Reason::kPLATFORM_UNSUPPORTED));
  EXPECT_TRUE(IsRefusal(running.chip().CheckSupported(), Reason::kPLATFORM_UNSUPPORTED));
  EXPECT_EQ(running.Status().state, ChipState::kUnsupported);
}

INSTANTIATE_TEST_SUITE_P(Platforms, UnsupportedPlatformTest, testing::Values("a2a3", "a5"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace l3link
