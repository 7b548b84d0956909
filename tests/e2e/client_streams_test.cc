// The client's lane streams against a real node and its echo chip.
#include <string>
#include <thread>
#include <vector>

#include "client/errors.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

using ClientStreamsTest = ClientFixture;

TEST_F(ClientStreamsTest, EchoesOverSeveralLanesAtOnce) {
  constexpr uint64_t kMessages = 20'000;
  const auto channel = OpenChannel("lanes", 4);
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<LaneStream>> streams;
  for (uint32_t lane = 0; lane < 4; ++lane) streams.push_back(Open(*channel, LanePair(lane)));
  for (const auto& stream : streams) {
    threads.emplace_back([&stream] { SendNumbers(*stream, 0, kMessages); });
    threads.emplace_back([&stream] { ReceiveNumbers(*stream, 0, kMessages); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& stream : streams) {
    EXPECT_TRUE(stream->Flush(kLong).ok());
    EXPECT_EQ(stream->published(), kMessages);
    EXPECT_TRUE(stream->Close().ok());
  }
}

TEST_F(ClientStreamsTest, SendsBatchesInOrder) {
  const auto channel = OpenChannel("batches");
  const auto stream = Open(*channel, LanePair(0));
  constexpr uint64_t kBatches = 200;
  std::thread sender([&stream] {
    for (uint64_t batch = 0; batch < kBatches; ++batch) {
      std::vector<std::string> texts;
      std::vector<OutgoingMessage> messages;
      for (uint64_t i = batch * 100; i < batch * 100 + 100; ++i) texts.push_back(std::to_string(i));
      for (uint64_t i = 0; i < 100; ++i) messages.push_back({texts[i], 0, batch * 100 + i});
      const auto taken = stream->SendBatch(messages, kLong);
      ASSERT_TRUE(taken.ok()) << taken.status();
      ASSERT_EQ(*taken, 100u);
    }
  });
  ReceiveNumbers(*stream, 0, kBatches * 100);
  sender.join();
}

TEST_F(ClientStreamsTest, MovesMessagesFromNothingToSixteenMebibytes) {
  const auto channel = OpenChannel("large", 1, 4, 16 << 20);
  const auto stream = Open(*channel, LanePair(0));
  for (const size_t bytes : {0, 1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 16 << 20}) {
    std::string payload(bytes, '\0');
    for (size_t i = 0; i < bytes; ++i) payload[i] = static_cast<char>(i * 7 + i / 251);
    ASSERT_TRUE(stream->Send({payload, 3, bytes}, kLong).ok());
    const auto reply = stream->Receive(kLong);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_TRUE(reply->front().payload == payload) << bytes;
    EXPECT_EQ(reply->front().correlation_id, bytes);
    EXPECT_EQ(reply->front().route, 3u);
  }
  EXPECT_TRUE(HasReason(stream->Send({std::string((16 << 20) + 1, 'x')}), v1::MESSAGE_TOO_LARGE));
}

// Both rings and the window are full, nobody receives; then everything comes.
TEST_F(ClientStreamsTest, AnswersWouldBlockWithoutARoundTripAndLosesNothing) {
  const auto channel = OpenChannel("full", 1, 8);
  const auto stream = Open(*channel, LanePair(0));
  uint64_t taken = 0;
  const auto deadline = absl::Now() + absl::Seconds(1);
  for (int full = 0; full < 3 || absl::Now() < deadline;) {
    const auto sent = stream->TrySend({std::to_string(taken), 0, taken});
    ASSERT_TRUE(sent.ok()) << sent.status();
    *sent ? ++taken : ++full;
  }
  EXPECT_GE(taken, 16u);
  EXPECT_TRUE(IsWouldBlock(stream->Send({"x"}, absl::Milliseconds(5))));
  EXPECT_TRUE(IsWouldBlock(stream->Flush(absl::Milliseconds(5))));
  ReceiveNumbers(*stream, 0, taken);
  EXPECT_TRUE(stream->Flush(kLong).ok());
}

TEST_F(ClientStreamsTest, IsGivenNoMoreThanItsReceiveWindow) {
  const auto channel = OpenChannel("window");
  StreamOptions options = LanePair(0);
  options.ack = AckMode::kExplicit;
  options.receive_window_messages = 4;
  const auto stream = Open(*channel, options);
  SendNumbers(*stream, 0, 10);
  ReceiveNumbers(*stream, 0, 4);
  EXPECT_TRUE(stream->ReceiveBatch(10, absl::Milliseconds(300))->empty());
  ASSERT_TRUE(stream->Ack(3).ok());
  ReceiveNumbers(*stream, 4, 3);
  EXPECT_TRUE(HasReason(stream->Ack(8), v1::ACK_BEYOND_DELIVERED));
  ASSERT_TRUE(stream->Ack(7).ok());
  ReceiveNumbers(*stream, 7, 3);
}

TEST_F(ClientStreamsTest, TakesUpASessionWhereBothSidesStand) {
  const auto channel = OpenChannel("session");
  StreamOptions options = LanePair(0);
  options.ack = AckMode::kExplicit;
  options.session_id = "orchestrator-7";
  {
    const auto stream = Open(*channel, options);
    SendNumbers(*stream, 0, 6);
    ReceiveNumbers(*stream, 0, 6);
    ASSERT_TRUE(stream->Flush(kLong).ok());
    stream->Abandon();
  }
  options.resume = true;
  options.resume_acked = 4;
  options.send_from = 2;
  const auto stream = Open(*channel, options);
  EXPECT_EQ(stream->session_id(), "orchestrator-7");
  EXPECT_EQ(stream->published(), 6u);
  SendNumbers(*stream, 2, 6);  // 2 to 5 are there already
  ReceiveNumbers(*stream, 4, 4);
  EXPECT_TRUE(stream->Ack(8).ok());
}

TEST_F(ClientStreamsTest, IsToldWhoHoldsALaneAndGetsItWhenItIsFree) {
  const auto channel = OpenChannel("held");
  StreamOptions options = LanePair(0);
  options.session_id = "first";
  auto first = Open(*channel, options);
  options.session_id = "second";
  const auto refused = channel->OpenStream(options);
  EXPECT_TRUE(HasReason(refused.status(), v1::LANE_HELD)) << refused.status();
  EXPECT_EQ(MetadataOf(refused.status())["holder"], "first");
  EXPECT_EQ(refused.status().message().substr(0, 5), "node ");
  options.held_wait = kLong;
  std::unique_ptr<LaneStream> second;
  std::thread waiter([&] { second = Open(*channel, options); });
  first.reset();  // releases at once
  waiter.join();
  ASSERT_NE(second, nullptr);
  SendNumbers(*second, 0, 3);
  ReceiveNumbers(*second, 0, 3);
}

TEST_F(ClientStreamsTest, IsToldWhyItIsOver) {
  const auto channel = OpenChannel("over", 3);
  const auto reset = Open(*channel, LanePair(0));
  const auto released = Open(*channel, LanePair(1));
  const auto closed = Open(*channel, LanePair(2));
  ASSERT_TRUE(orchestrator_->ResetLane(0, "over", v1::DIRECTION_CHIP_TO_HOST, 0).ok());
  EXPECT_TRUE(HasReason(reset->Receive(kLong).status(), v1::LANE_RESET)) << reset->status();
  EXPECT_FALSE(MetadataOf(reset->status())["generation"].empty());
  ASSERT_TRUE(orchestrator_->ReleaseLease(0, "over", v1::DIRECTION_HOST_TO_CHIP, 1).ok());
  EXPECT_TRUE(HasReason(released->Receive(kLong).status(), v1::LEASE_RELEASED)) << released->status();
  ASSERT_TRUE(orchestrator_->CloseChannel(0, "over").ok());
  EXPECT_TRUE(HasReason(closed->Receive(kLong).status(), v1::CHANNEL_CLOSED)) << closed->status();
}

TEST_F(ClientStreamsTest, SendsAndReceivesByRoute) {
  const auto channel = OpenChannel("routes", 3);
  for (uint32_t route = 0; route < 30; ++route) ASSERT_TRUE(channel->Send({"r", route, route}, kLong).ok());
  ASSERT_TRUE(channel->Flush(kLong).ok());
  std::vector<uint64_t> newest(3, 0);
  for (int i = 0; i < 30; ++i) {
    const auto reply = channel->Receive(kLong);
    ASSERT_TRUE(reply.ok()) << reply.status();
    const ReceivedMessage message = reply->front();
    EXPECT_EQ(message.correlation_id, message.route);
    EXPECT_GE(message.correlation_id, newest[message.route % 3]) << "order holds within a lane";
    newest[message.route % 3] = message.correlation_id;
  }
  EXPECT_TRUE(IsWouldBlock(channel->Receive(absl::ZeroDuration()).status()));
}

TEST_F(ClientStreamsTest, ListsAndPeeks) {
  const auto channel = OpenChannel("seen");
  EXPECT_TRUE(channel->created());
  EXPECT_FALSE(OpenChannel("seen")->created());
  ASSERT_TRUE(channel->Send({"look", 0, 5}, kLong).ok());
  ASSERT_TRUE(channel->Flush(kLong).ok());
  for (uint64_t published = 0; published == 0;) published = channel->Refresh()->lanes(1).published();
  const auto peek = channel->Peek(v1::DIRECTION_CHIP_TO_HOST, 0);
  ASSERT_TRUE(peek.ok()) << peek.status();
  ASSERT_EQ(peek->messages_size(), 1);
  EXPECT_EQ(peek->messages(0).data(), "look");
  EXPECT_EQ(orchestrator_->ListChannels(0)->size(), 1u);
  EXPECT_TRUE(HasReason(orchestrator_->FindChannel(0, "other").status(), v1::CHANNEL_NOT_FOUND));
  EXPECT_TRUE(HasReason(orchestrator_->OpenChannel(9, "seen").status(), v1::WORKER_NOT_FOUND));
}

TEST_F(ClientStreamsTest, ReachesSeveralNodes) {
  TestNode other({"--platform=a5sim=1", "--sim-program=echo", "--node-name=other"});
  ASSERT_TRUE(other.ready()) << other.log();
  const auto both = Orchestrator::Connect({node_.unix_target(), other.tcp_target()});
  ASSERT_TRUE(both.ok()) << both.status();
  for (const char* worker : {"0/0", "other/0"}) {
    const auto channel = (*both)->OpenChannel(worker, "c");
    ASSERT_TRUE(channel.ok()) << channel.status();
    ASSERT_TRUE((*channel)->Send({worker}, kLong).ok());
    EXPECT_EQ((*channel)->Receive(kLong)->front().payload, worker);
  }
  EXPECT_EQ((*both)->GetNode("other")->node_name(), "other");
  EXPECT_EQ((*both)->ListChips("1")->at(0).platform(), "a5sim");
  const absl::Status missing = (*both)->FindChannel("other/0", "none").status();
  EXPECT_EQ(missing.message().substr(0, 11), "node other:") << missing;
}

}  // namespace
}  // namespace l3link::client
