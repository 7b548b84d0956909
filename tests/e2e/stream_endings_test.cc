// How streams end on a real node: half-closed, dropped, closed under them, the chip or the node gone.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

constexpr char kBoth[] = "attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } ";

class StreamEndingsTest : public ::testing::Test {
 protected:
  ChannelBench bench_{"echo", "lane_depth: 8 max_message_bytes: 64"};
};

TEST_F(StreamEndingsTest, PublishesAndDeliversAllAfterAHalfClose) {
  RawStream stream(*bench_.channels);
  stream.Send(std::string(kBoth) + "auto_ack: true linger { max_messages: 100 idle { seconds: 60 } } }");
  v1::StreamRequest request;
  for (int i = 0; i < 100; ++i) request.mutable_messages()->add_messages()->set_text(std::to_string(i));
  stream.Send(request);
  stream.HalfClose();
  v1::StreamResponse frame;
  int next = 0;
  while (stream.Receive(&frame)) {
    for (const v1::Message& message : frame.messages().messages()) EXPECT_EQ(message.data(), std::to_string(next++));
  }
  EXPECT_EQ(next, 100);
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_CHIP_TO_HOST, 0).consumed(), 100u);
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_HOST_TO_CHIP, 0).session_id(), "");  // released
}

TEST_F(StreamEndingsTest, AbandonsAMessageThatWasNotWholeWhenTheClientWentAway) {
  {
    RawStream stream(*bench_.channels);
    stream.Send(std::string(kBoth) + "session_id: 'me' }");
    stream.ReceiveAttached();
    stream.Send("messages { fragment { total_bytes: 4 data: 'ab' } }");
    stream.Send("renew { token: 1 }");
    stream.ReceiveOf(v1::StreamResponse::kRenewed);
    stream.Cancel();
    stream.Finish();
  }
  RawStream back(*bench_.channels);
  back.Send(std::string(kBoth) + "session_id: 'me' resume: true }");
  EXPECT_EQ(back.ReceiveAttached().host_to_chip().next_sequence(), 0u);
  back.Send("messages { fragment { total_bytes: 4 data: 'wx' } }");
  back.Send("messages { fragment { offset: 2 total_bytes: 4 data: 'yz' } }");
  EXPECT_EQ(back.ReceiveOf(v1::StreamResponse::kMessages).messages().messages(0).data(), "wxyz");
}

TEST_F(StreamEndingsTest, EndsWhenItsChannelIsClosedOrItsLaneReset) {
  RawStream stream(*bench_.channels);
  stream.Send(std::string(kBoth) + "}");
  const v1::Attached attached = stream.ReceiveAttached();
  stream.Send("messages { messages { text: 'a' } }");
  stream.ReceiveOf(v1::StreamResponse::kMessages);
  v1::ResetLaneRequest reset;
  *reset.mutable_channel() = bench_.id;
  reset.set_direction(v1::DIRECTION_HOST_TO_CHIP);
  v1::ResetLaneResponse none;
  grpc::ClientContext reset_context;
  ASSERT_TRUE(bench_.nodes->ResetLane(&reset_context, reset, &none).ok());
  const grpc::Status end = stream.Finish();
  EXPECT_EQ(ReasonOf(end), "LANE_RESET");
  EXPECT_EQ(MetadataOf(end, "published"), "1");
  EXPECT_NE(MetadataOf(end, "generation"), std::to_string(attached.host_to_chip().generation()));

  RawStream again(*bench_.channels);
  again.Send(std::string(kBoth) + "}");
  EXPECT_EQ(again.ReceiveAttached().host_to_chip().next_sequence(), 0u);
  v1::CloseChannelRequest close;
  *close.mutable_channel() = bench_.id;
  v1::CloseChannelResponse closed;
  grpc::ClientContext close_context;
  ASSERT_TRUE(bench_.channels->CloseChannel(&close_context, close, &closed).ok());
  EXPECT_EQ(ReasonOf(again.Finish()), "CHANNEL_CLOSED");
}

TEST_F(StreamEndingsTest, SaysThatTheChipIsGoneAndGoesOnWhenItReturns) {
  RawStream stream(*bench_.channels);
  stream.Send(std::string(kBoth) + "}");
  stream.ReceiveAttached();
  const v1::Chip chip = bench_.Chip();
  ASSERT_NE(chip.pid(), 0u);
  ASSERT_EQ(kill(static_cast<pid_t>(chip.pid()), SIGKILL), 0);
  EXPECT_TRUE(stream.ReceiveOf(v1::StreamResponse::kChipState).chip_state().lost());
  stream.Send("messages { messages { text: 'patience' } }");
  EXPECT_EQ(stream.ReceiveOf(v1::StreamResponse::kProgress).progress().published(), 1u);
  ChildOptions options;
  options.arguments = {"--arena=" + bench_.node.state_dir() + "/chips/0/arena", "--program=echo"};
  const ChildProcess again(RunfilePath("backends/sim/chip/l3link-sim-chip"), options);
  // The announcement and the echo may come in either order.
  bool back = false;
  std::string echoed;
  v1::StreamResponse frame;
  while ((!back || echoed.empty()) && stream.Receive(&frame)) {
    if (frame.has_chip_state() && !frame.chip_state().lost()) back = true;
    if (frame.messages().messages_size() > 0) echoed = frame.messages().messages(0).data();
  }
  EXPECT_TRUE(back);
  EXPECT_EQ(echoed, "patience");
}

TEST_F(StreamEndingsTest, AnnouncesTheNodesStopAndLetsTheClientFinish) {
  RawStream stream(*bench_.channels);
  stream.Send(std::string(kBoth) + "}");
  stream.ReceiveAttached();
  ASSERT_EQ(kill(bench_.node.process().pid(), SIGTERM), 0);
  EXPECT_GT(stream.ReceiveOf(v1::StreamResponse::kDraining).draining().deadline().seconds(), 0);
  stream.Send("messages { messages { text: 'last' } }");
  EXPECT_EQ(stream.ReceiveOf(v1::StreamResponse::kMessages).messages().messages(0).data(), "last");
  stream.Send("detach { }");
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_EQ(bench_.node.Terminate(), 0);
}

TEST(StreamDrainTest, EndsStreamsThatStayUntilTheDeadline) {
  ChannelBench bench("echo", "", {"--drain-timeout=2s"});
  RawStream stream(*bench.channels);
  stream.Send(std::string(kBoth) + "}");
  stream.ReceiveAttached();
  ASSERT_EQ(kill(bench.node.process().pid(), SIGTERM), 0);
  EXPECT_EQ(ReasonOf(stream.Finish()), "NODE_DRAINING");
  EXPECT_EQ(bench.node.Terminate(), 0);
}

}  // namespace
}  // namespace l3link
