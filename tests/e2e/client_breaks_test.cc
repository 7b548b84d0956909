// What the client's streams do when the network or the node fails under them: a TCP proxy between them breaks and falls
// silent on command.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "client/errors.h"
#include "client/steady_time.h"
#include "tests/e2e/client_fixture.h"
#include "tests/support/tcp_proxy.h"

namespace l3link::client {
namespace {

class ClientBreaksTest : public ClientFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.ready()) << node_.log();
    proxy_ = std::make_unique<TcpProxy>(node_.tcp_target());
    auto orchestrator = Orchestrator::Connect({proxy_->target()});
    ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
    orchestrator_ = *std::move(orchestrator);
  }

  std::unique_ptr<TcpProxy> proxy_;
};

TEST_F(ClientBreaksTest, ResumesUnseenByTheApplicationAndLosesNothing) {
  constexpr uint64_t kMessages = 30'000;
  const auto channel = OpenChannel("work", 2);
  const auto one = Open(*channel, LanePair(0));
  const auto two = Open(*channel, LanePair(1));
  std::atomic<bool> done{false};
  std::thread breaker([&] {
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
      proxy_->Break();
    }
  });
  std::thread sender_one([&] { SendNumbers(*one, 0, kMessages); });
  std::thread sender_two([&] { SendNumbers(*two, 0, kMessages); });
  std::thread receiver_two([&] { ReceiveNumbers(*two, 0, kMessages); });
  ReceiveNumbers(*one, 0, kMessages);
  sender_one.join();
  sender_two.join();
  receiver_two.join();
  while (one->positions().reconnects + two->positions().reconnects < 2) std::this_thread::yield();
  done = true;
  breaker.join();
  EXPECT_TRUE(one->Flush(kLong).ok());
  EXPECT_EQ(one->published(), kMessages);
}

TEST_F(ClientBreaksTest, ResumesInTheMiddleOfLargeMessages) {
  const auto channel = OpenChannel("large", 1, 4, 16 << 20);
  const auto stream = Open(*channel, LanePair(0));
  std::thread sender([&] {
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(stream->Send({std::string(16 << 20, static_cast<char>('a' + i))}, kLong).ok());
      proxy_->Break();
    }
  });
  for (int i = 0; i < 8; ++i) {
    const auto reply = stream->Receive(kLong);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_TRUE(reply->front().payload == std::string(16 << 20, static_cast<char>('a' + i))) << i;
  }
  sender.join();
}

TEST_F(ClientBreaksTest, FencesItselfInASilentNetworkAndLearnsAfterwardsWhereItStood) {
  const auto channel = OpenChannel("silent");
  StreamOptions options = LanePair(0);
  options.session_id = "me";
  options.lease_ttl = absl::Seconds(1);
  {
    const auto stream = Open(*channel, options);
    SendNumbers(*stream, 0, 5);
    ReceiveNumbers(*stream, 0, 5);
    proxy_->SetSilent(true);  // perhaps before the node has heard the last acks
    const absl::Status status = stream->Receive(kLong).status();
    EXPECT_TRUE(HasReason(status, v1::LEASE_EXPIRED)) << status;
    EXPECT_EQ(stream->Send({"late"}), status);
  }
  proxy_->SetSilent(false);
  proxy_->Break();
  options.send_from = 0;
  options.resume = true;
  options.resume_acked = 5;
  absl::StatusOr<std::unique_ptr<LaneStream>> again;
  do again = channel->OpenStream(options);
  while (absl::IsUnavailable(again.status()));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->published(), 5u);
  SendNumbers(**again, 0, 8);
  ReceiveNumbers(**again, 5, 3);
}

TEST_F(ClientBreaksTest, IsBackBeforeItsLeaseEndsAfterANodeThatStartedSlowly) {
  const auto channel = OpenChannel("slow-start");
  StreamOptions options = LanePair(0);
  options.lease_ttl = absl::Seconds(6);
  const auto stream = Open(*channel, options);
  SendNumbers(*stream, 0, 5);
  ReceiveNumbers(*stream, 0, 5);
  proxy_->SetRefusing(true);
  proxy_->Break();
  std::this_thread::sleep_for(std::chrono::seconds(3));  // long enough for every back-off to have grown to its most
  proxy_->SetRefusing(false);
  const MonoTime back = MonoNow();
  SendNumbers(*stream, 5, 5);
  ReceiveNumbers(*stream, 5, 5);
  RecordProperty("resumed_after_ms", static_cast<int>(absl::ToInt64Milliseconds(Between(back, MonoNow()))));
  EXPECT_EQ(stream->positions().reconnects, 1u);
}

TEST_F(ClientBreaksTest, ResumesOverAFreshConnectionInANetworkThatSwallowsTheOldOne) {
  const auto channel = OpenChannel("swallowed");
  StreamOptions options = LanePair(0);
  options.lease_ttl = absl::Seconds(8);
  const auto stream = Open(*channel, options);
  proxy_->Deafen();
  SendNumbers(*stream, 0, 10);
  ReceiveNumbers(*stream, 0, 10);
  EXPECT_EQ(stream->positions().reconnects, 1u);
}

TEST_F(ClientBreaksTest, AShortSilenceEndsNothing) {
  const auto channel = OpenChannel("short");
  const auto stream = Open(*channel, LanePair(0));
  proxy_->SetSilent(true);
  SendNumbers(*stream, 0, 10);
  EXPECT_TRUE(stream->ReceiveBatch(1, absl::Milliseconds(500))->empty());
  proxy_->SetSilent(false);
  ReceiveNumbers(*stream, 0, 10);
  EXPECT_EQ(stream->positions().reconnects, 0u);
}

}  // namespace
}  // namespace l3link::client
