// What an operator or the machine may do to a running node: its arena truncated or removed, the process stopped for a while.
// Rows 9, 14 and 38 of the fault table. Two chips: what befalls the first must not be felt on the second.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "client/errors.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

class DaemonFaultsTest : public ClientFixture {
 protected:
  DaemonFaultsTest() : ClientFixture({"--chips=2", "--sim-program=echo"}) {}

  std::string arena_path() const { return node_.state_dir() + "/chips/0/arena"; }

  std::unique_ptr<Channel> OpenOn(uint32_t worker, const std::string& name) {
    auto channel = orchestrator_->OpenChannel(worker, name, {});
    EXPECT_TRUE(channel.ok()) << channel.status();
    return *std::move(channel);
  }

  // Of a stream that goes on to use its lanes.
  static absl::Status EndOf(LaneStream& stream) {
    for (;;) {
      const absl::StatusOr<bool> sent = stream.TrySend({"more"});
      if (!sent.ok()) return sent.status();
      const auto answer = stream.Receive(absl::Milliseconds(20));
      if (!answer.ok() && !IsWouldBlock(answer.status())) return answer.status();
    }
  }

  void ExpectGone(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_TRUE(HasReason(status, v1::LANE_POISONED)) << status;
    EXPECT_EQ(MetadataOf(status)["poison"], "ARENA_GONE") << status;
  }

  // The second chip and the node's own calls.
  void ExpectTheRestWorks(LaneStream& other, uint64_t from) {
    SendNumbers(other, from, 100);
    ReceiveNumbers(other, from, 100);
    EXPECT_TRUE(orchestrator_->GetNode().ok());
    const auto refused = orchestrator_->OpenChannel(0, "after", {});
    EXPECT_TRUE(HasReason(refused.status(), v1::CHIP_LOST)) << refused.status();
    EXPECT_TRUE(orchestrator_->OpenChannel(1, "after", {}).ok());
  }
};

TEST_F(DaemonFaultsTest, ATruncatedArenaPoisonsItsChipsLanesAndTheDaemonLives) {
  const auto channel = OpenOn(0, "victim");
  const auto other_channel = OpenOn(1, "other");
  const auto stream = Open(*channel, LanePair(0));
  const auto other = Open(*other_channel, LanePair(0));
  SendNumbers(*stream, 0, 10);
  ReceiveNumbers(*stream, 0, 10);
  SendNumbers(*other, 0, 10);
  ReceiveNumbers(*other, 0, 10);
  ASSERT_EQ(truncate(arena_path().c_str(), 4096), 0);
  ExpectGone(EndOf(*stream));
  ExpectTheRestWorks(*other, 10);
}

TEST_F(DaemonFaultsTest, ARemovedArenaIsNoticed) {
  const auto channel = OpenOn(0, "victim");
  const auto other_channel = OpenOn(1, "other");
  const auto stream = Open(*channel, LanePair(0));
  const auto other = Open(*other_channel, LanePair(0));
  ASSERT_EQ(unlink(arena_path().c_str()), 0);
  ExpectGone(EndOf(*stream));
  ExpectTheRestWorks(*other, 0);
}

TEST_F(DaemonFaultsTest, AStoppedDaemonExpiresNoLeaseThatItCouldNotHear) {
  const auto channel = OpenOn(0, "held");
  StreamOptions options = LanePair(0);
  options.session_id = "holder";
  options.lease_ttl = absl::Seconds(1);
  auto holder = Open(*channel, options);
  holder->Abandon();
  node_.process().Signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));  // well beyond the ttl
  node_.process().Signal(SIGCONT);
  StreamOptions other = LanePair(0);
  other.session_id = "other";
  const auto refused = channel->OpenStream(other);
  EXPECT_TRUE(HasReason(refused.status(), v1::LANE_HELD)) << refused.status();
  EXPECT_EQ(MetadataOf(refused.status())["holder"], "holder");
  options.resume = true;
  const auto again = Open(*channel, options);
  SendNumbers(*again, 0, 10);
  ReceiveNumbers(*again, 0, 10);
}

}  // namespace
}  // namespace l3link::client
