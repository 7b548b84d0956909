// Channels, on every platform that has a simulation: a host in this process, the chip in its own.
#include <gtest/gtest.h>

#include "backends/host/refusal.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link {
namespace {

class ChannelConformanceTest : public testing::TestWithParam<std::string> {};

TEST_P(ChannelConformanceTest, EchoesMessagesOfAllSizes) {
  RunningChip running(GetParam(), {"echo"});
  ASSERT_TRUE(running.AwaitRunning()) << running.log();
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = running.calls().OpenChannel("text", {});
  ASSERT_TRUE(channel.ok()) << channel.status();
  std::string large(4096, 'x');
  std::vector<std::string> payloads = {"", "a", "hello", std::string(4095, 'y'), large};
  std::vector<OutgoingMessage> messages;
  for (size_t i = 0; i < payloads.size(); ++i) messages.push_back(Message(payloads[i], 5, 100 + i));
  SendAll(running.calls(), **channel, messages);
  std::vector<ReceivedMessage> answers = ReceiveCount(running.calls(), **channel, payloads.size());
  ASSERT_EQ(answers.size(), payloads.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].payload, payloads[i]);
    EXPECT_EQ(answers[i].header.sequence, i);
    EXPECT_EQ(answers[i].header.route, 5u);
    EXPECT_EQ(answers[i].header.correlation_id, 100 + i);
  }
}

INSTANTIATE_TEST_SUITE_P(Platforms, ChannelConformanceTest, testing::Values("a2a3sim", "a5sim"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace l3link
