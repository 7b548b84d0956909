// A channel on an EchoNode, for the tests of LaneStream.
#ifndef L3LINK_CLIENT_TESTING_ECHO_LANE_H_
#define L3LINK_CLIENT_TESTING_ECHO_LANE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "client/orchestrator.h"
#include "client/testing/echo_node.h"
#include "gtest/gtest.h"

namespace l3link::client {

inline constexpr absl::Duration kLong = absl::Minutes(1);

class EchoLane : public testing::Test {
 protected:
  EchoLane() {
    orchestrator_ = *Orchestrator::Connect({node_.target()});
    channel_ = *orchestrator_->OpenChannel(0, "work");
    options_.send = options_.receive = LaneChoice::Lane(0);
  }

  std::unique_ptr<LaneStream> Open() {
    auto stream = channel_->OpenStream(options_);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return stream.ok() ? *std::move(stream) : nullptr;
  }

  // Receives `count` numbered messages and checks that they come once and in order.
  static void ExpectNumbers(LaneStream& stream, uint64_t first, uint64_t count) {
    for (uint64_t next = first; next < first + count;) {
      const auto batch = stream.ReceiveBatch(1000, kLong);
      ASSERT_TRUE(batch.ok()) << batch.status();
      ASSERT_FALSE(batch->empty()) << "at " << next;
      for (const ReceivedMessage& message : *batch) {
        ASSERT_EQ(message.sequence, next);
        ASSERT_EQ(message.correlation_id, next);
        ASSERT_EQ(message.payload, std::to_string(next));
        ++next;
      }
    }
  }

  EchoNode node_;
  std::unique_ptr<Orchestrator> orchestrator_;
  std::unique_ptr<Channel> channel_;
  StreamOptions options_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_TESTING_ECHO_LANE_H_
