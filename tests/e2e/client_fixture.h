// A real node with its simulated chip, and a client connected to it: what the client's end-to-end tests begin with.
#ifndef L3LINK_TESTS_E2E_CLIENT_FIXTURE_H_
#define L3LINK_TESTS_E2E_CLIENT_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "client/orchestrator.h"
#include "gtest/gtest.h"
#include "tests/support/test_node.h"

namespace l3link::client {

inline constexpr absl::Duration kLong = absl::Minutes(2);  // a test's own watchdog is shorter

class ClientFixture : public testing::Test {
 protected:
  explicit ClientFixture(const std::vector<std::string>& flags = {"--platform=a2a3sim=1", "--sim-program=echo"})
      : node_(flags) {}

  void SetUp() override {
    ASSERT_TRUE(node_.ready()) << node_.log();
    auto orchestrator = Orchestrator::Connect({node_.tcp_target()});
    ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
    orchestrator_ = *std::move(orchestrator);
  }

  // A channel with `lanes` each way.
  std::unique_ptr<Channel> OpenChannel(const std::string& name, uint32_t lanes = 1, uint32_t depth = 64,
                                       uint32_t max_message_bytes = 4096) {
    v1::ChannelConfig config;
    config.set_host_to_chip_lanes(lanes);
    config.set_chip_to_host_lanes(lanes);
    config.set_lane_depth(depth);
    config.set_max_message_bytes(max_message_bytes);
    auto channel = orchestrator_->OpenChannel(0, name, config);
    EXPECT_TRUE(channel.ok()) << channel.status();
    return channel.ok() ? *std::move(channel) : nullptr;
  }

  static StreamOptions LanePair(uint32_t lane) {
    StreamOptions options;
    options.send = options.receive = LaneChoice::Lane(lane);
    return options;
  }

  static std::unique_ptr<LaneStream> Open(const Channel& channel, const StreamOptions& options) {
    auto stream = channel.OpenStream(options);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return stream.ok() ? *std::move(stream) : nullptr;
  }

  // Sends the numbers [first, first + count) as text, with themselves as correlation ids.
  static void SendNumbers(LaneStream& stream, uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; ++i) {
      const absl::Status status = stream.Send({std::to_string(i), 0, i}, kLong);
      ASSERT_TRUE(status.ok()) << i << ": " << status;
    }
  }

  // Receives them: each once, in order.
  static void ReceiveNumbers(LaneStream& stream, uint64_t first, uint64_t count) {
    for (uint64_t next = first; next < first + count;) {
      const auto batch = stream.ReceiveBatch(1000, kLong);
      ASSERT_TRUE(batch.ok()) << next << ": " << batch.status();
      ASSERT_FALSE(batch->empty()) << "nothing came after " << next;
      for (const ReceivedMessage& message : *batch) {
        ASSERT_EQ(message.sequence, next);
        ASSERT_EQ(message.correlation_id, next);
        ASSERT_EQ(message.payload, std::to_string(next));
        ++next;
      }
    }
  }

  TestNode node_;
  std::unique_ptr<Orchestrator> orchestrator_;
};

}  // namespace l3link::client

#endif  // L3LINK_TESTS_E2E_CLIENT_FIXTURE_H_
