// The operations that every layer has, of remote workers: what the suite of all layers (tests/conformance/layers) cannot say.
#include <string>

#include "client/errors.h"
#include "client/orchestrator_calls.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

class ClientCallsTest : public ClientFixture {
 protected:
  static v1::ChannelConfig Lanes(uint32_t host_to_chip, uint32_t chip_to_host) {
    v1::ChannelConfig config;
    config.set_host_to_chip_lanes(host_to_chip);
    config.set_chip_to_host_lanes(chip_to_host);
    return config;
  }
  std::shared_ptr<Channel> Open(const std::string& name, const v1::ChannelConfig& config = {}) {
    return calls().OpenChannel(0, name, config).value();
  }
  OrchestratorCalls calls() const { return OrchestratorCalls(orchestrator_.get()); }

  char room_[64] = {};
};

TEST_F(ClientCallsTest, AnswersTheReasonsOfAnInProcessChipForWhatWasClosed) {
  const auto channel = Open("closed");
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = calls().OpenSharedMemory(0, "closed", config).value();
  ASSERT_TRUE(calls().CloseChannel(*channel).ok());
  ASSERT_TRUE(calls().CloseSharedMemory(*region).ok());
  for (const char* again : {"", "and opened anew by that name"}) {
    SCOPED_TRACE(again);
    IncomingMessage message{absl::MakeSpan(room_)};
    EXPECT_TRUE(HasReason(calls().CloseChannel(*channel), v1::CHANNEL_CLOSED));
    EXPECT_TRUE(HasReason(calls().ChannelSend(*channel, {"x"}, kLong), v1::CHANNEL_CLOSED));
    EXPECT_TRUE(HasReason(calls().ChannelRecv(*channel, &message, kLong), v1::CHANNEL_CLOSED));
    EXPECT_TRUE(HasReason(calls().CloseSharedMemory(*region), v1::REGION_CLOSED));
    EXPECT_TRUE(HasReason(calls().GetSharedMemoryInfo(*region).status(), v1::REGION_CLOSED));
    EXPECT_TRUE(HasReason(calls().SharedMemoryRead(*region, 0, absl::MakeSpan(room_)), v1::REGION_CLOSED));
    EXPECT_TRUE(HasReason(calls().SharedMemoryWrite(*region, 0, "x"), v1::REGION_CLOSED));
    EXPECT_TRUE(HasReason(calls().SharedMemoryNotify(*region, {0, 1}).status(), v1::REGION_CLOSED));
    EXPECT_TRUE(HasReason(calls().SharedMemoryWait(*region, {0, 0}, kLong).status(), v1::REGION_CLOSED));
    ASSERT_TRUE(calls().OpenChannel(0, "closed").ok());
    ASSERT_TRUE(calls().OpenSharedMemory(0, "closed", config).ok());
  }
}

TEST_F(ClientCallsTest, SaysWhichDirectionHasNoLane) {
  const auto deaf = Open("deaf", Lanes(1, 0));
  const auto mute = Open("mute", Lanes(0, 1));
  IncomingMessage message{absl::MakeSpan(room_)};
  EXPECT_TRUE(HasReason(calls().ChannelRecv(*deaf, &message, kLong), v1::LANE_NOT_FOUND));
  EXPECT_TRUE(HasReason(calls().ChannelSend(*mute, {"x"}, kLong), v1::LANE_NOT_FOUND));
}

TEST_F(ClientCallsTest, LeavesAMessageThatIsTooLargeInTheRingForWhoComesNext) {
  const std::string payload(100, 'p');
  {
    const auto channel = Open("large");
    ASSERT_TRUE(calls().ChannelSend(*channel, {payload, 3, 7}, kLong).ok());
    IncomingMessage message{absl::MakeSpan(room_)};
    const absl::Status refused = calls().ChannelRecv(*channel, &message, kLong);
    EXPECT_TRUE(HasReason(refused, v1::MESSAGE_TOO_LARGE)) << refused;
    EXPECT_EQ(MetadataOf(refused)["bytes"], "100");
    EXPECT_EQ(message.payload_bytes, 100u);
    EXPECT_EQ(message.route, 3u);
    EXPECT_EQ(message.correlation_id, 7u);
  }
  const auto channel = Open("large");
  EXPECT_EQ(channel->Refresh()->lanes(1).consumed(), 0u) << "not acknowledged";
  std::string room(100, '\0');
  IncomingMessage message{absl::MakeSpan(room)};
  ASSERT_TRUE(calls().ChannelRecv(*channel, &message, kLong).ok());
  EXPECT_EQ(room, payload);
}

TEST_F(ClientCallsTest, EveryMessageOfARouteGoesToItsOneLane) {
  const auto channel = Open("routed", Lanes(3, 1));
  for (uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(calls().ChannelSend(*channel, {"x", 5, i}, kLong).ok());
  for (uint64_t i = 0; i < 2; ++i) ASSERT_TRUE(calls().ChannelSend(*channel, {"x", UINT32_MAX, i}, kLong).ok());
  ASSERT_TRUE(channel->Flush(kLong).ok());
  const v1::Channel now = channel->Refresh().value();
  EXPECT_EQ(now.lanes(2).published(), 4u) << "5 mod 3";
  EXPECT_EQ(now.lanes(UINT32_MAX % 3).published(), 2u);
  EXPECT_EQ(now.lanes(1).published(), 0u);
}

TEST_F(ClientCallsTest, ALaneThatAnotherSessionHoldsHidesNoOther) {
  const auto channel = Open("shared", Lanes(2, 2));
  StreamOptions elsewhere;
  elsewhere.receive = LaneChoice::Lane(0);
  const auto holder = ClientFixture::Open(*channel, elsewhere);
  ASSERT_NE(holder, nullptr);
  for (uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(calls().ChannelSend(*channel, {"on lane 1", 1, i}, kLong).ok());
  while (channel->Refresh()->lanes(3).published() < 3) {
  }
  IncomingMessage message{absl::MakeSpan(room_)};
  for (uint64_t i = 0; i < 3;) {
    const absl::Status came = calls().ChannelRecv(*channel, &message, kLong);
    if (HasReason(came, v1::LANE_HELD)) continue;  // lane 1's stream is open, its message still on the way
    ASSERT_TRUE(came.ok()) << came;
    EXPECT_EQ(message.correlation_id, i++);
  }
  EXPECT_TRUE(HasReason(calls().ChannelRecv(*channel, &message, kLong), v1::LANE_HELD))
      << "when no other has a message";
}

TEST_F(ClientCallsTest, TellsTimeoutsFromRefusals) {
  const auto channel = Open("times");
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = calls().OpenSharedMemory(0, "times", config).value();
  IncomingMessage message{absl::MakeSpan(room_)};
  for (const absl::Duration timeout : {absl::ZeroDuration(), absl::Milliseconds(5)}) {
    EXPECT_TRUE(IsWouldBlock(calls().ChannelRecv(*channel, &message, timeout)));
    const absl::Status not_met = calls().SharedMemoryWait(*region, {0, 9}, timeout).status();
    EXPECT_TRUE(IsWouldBlock(not_met)) << not_met;
    EXPECT_EQ(MetadataOf(not_met)["value"], "0");
  }
  const absl::Duration negative = absl::Milliseconds(-1);
  EXPECT_TRUE(HasReason(calls().ChannelRecv(*channel, &message, negative), v1::INVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(HasReason(calls().ChannelSend(*channel, {"x"}, negative), v1::INVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(HasReason(calls().SharedMemoryWait(*region, {0, 9}, negative).status(), v1::INVALID_ARGUMENT_FIELD));
  EXPECT_EQ(calls().SharedMemoryNotify(*region, {0, 9}).value(), 9u);
  EXPECT_EQ(calls().SharedMemoryWait(*region, {0, 9}, kLong).value(), 9u);
}

}  // namespace
}  // namespace l3link::client
