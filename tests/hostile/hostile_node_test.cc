// A running node under attack by its chip, as its clients see it: rows 1 to 6, 8 and 10 of the fault table over gRPC. Each
// asserts the refusal's reason and status, what the node shows of the lane, that another lane was verified throughout, that
// a reset makes the lane whole again, and that the daemon (under sanitizers, where those are on) ends well.
#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "client/errors.h"
#include "gtest/gtest.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

constexpr uint32_t kAttackedLane = 0;
constexpr uint32_t kOtherLane = 1;

// Echoes on one lane in a thread of its own, each answer verified, until it is stopped.
class Witness {
 public:
  explicit Witness(std::unique_ptr<LaneStream> stream) : stream_(std::move(stream)), thread_([this] { Run(); }) {}
  ~Witness() {
    if (thread_.joinable()) thread_.join();
  }

  // Until `count` more messages were verified from now on.
  void AwaitMore(uint64_t count) {
    const uint64_t enough = verified_ + count;
    while (verified_ < enough && !failed_) std::this_thread::yield();
    EXPECT_FALSE(failed_);
  }

  void Stop() {
    stopping_ = true;
    thread_.join();
    stream_.reset();  // a node that is to stop waits for the streams it has
    EXPECT_FALSE(failed_);
  }

 private:
  void Run() {
    while (!stopping_ && !failed_) failed_ = !EchoOne();
  }

  bool EchoOne() {
    const std::string payload = std::to_string(verified_) + std::string(verified_ % 300, 'w');
    const absl::Status sent = stream_->Send({payload, kOtherLane, verified_}, kLong);
    EXPECT_TRUE(sent.ok()) << sent;
    const auto answer = stream_->Receive(kLong);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!sent.ok() || !answer.ok()) return false;
    const ReceivedMessage message = answer->front();
    EXPECT_EQ(message.payload, payload);
    EXPECT_EQ(message.correlation_id, verified_);
    EXPECT_EQ(message.sequence, verified_);
    return message.payload == payload && message.sequence == verified_++;
  }

  std::unique_ptr<LaneStream> stream_;
  std::atomic<uint64_t> verified_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

class HostileNode : public ClientFixture {
 protected:
  HostileNode() : ClientFixture({"--sim-chip=external"}) {}

  void Begin(const std::string& fault) {
    channel_ = OpenChannel("attacked", 2, 8, 512);
    kept_ = OpenChannel("kept", 2, 8, 512);
    ChildOptions options;
    options.arguments = {"--arena", node_.state_dir() + "/chips/0/arena", "--fault", fault};
    options.stderr_path = node_.dir() / "hostile.log";
    chip_ = std::make_unique<ChildProcess>(RunfilePath("tests/hostile/hostile_chip"), options);
    other_ = std::make_unique<Witness>(Open(*channel_, LanePair(kOtherLane)));
    other_channel_ = std::make_unique<Witness>(Open(*kept_, LanePair(kOtherLane)));
  }

  // Honest messages, then the one that makes the chip attack.
  std::unique_ptr<LaneStream> Trigger(AckMode ack = AckMode::kOnReceive) {
    StreamOptions options = LanePair(kAttackedLane);
    options.ack = ack;
    std::unique_ptr<LaneStream> stream = Open(*channel_, options);
    SendNumbers(*stream, 0, 3);
    ReceiveNumbers(*stream, 0, 3);
    while (stream->consumed() < 3) std::this_thread::yield();  // the node knows: back from there is back
    EXPECT_TRUE(stream->Send({"now"}, kLong).ok());
    return stream;
  }

  // How a stream ends that goes on to use its lane.
  static absl::Status EndOf(LaneStream& stream) {
    for (;;) {
      const auto answer = stream.Receive(absl::Milliseconds(20));
      EXPECT_FALSE(answer.ok()) << "delivered: " << answer->front().payload;
      if (answer.ok() || !IsWouldBlock(answer.status())) return answer.status();
      (void)stream.TrySend({"more"});
    }
  }

  v1::LaneState StateOf(v1::Direction direction, uint32_t lane) {
    const auto channel = channel_->Refresh();
    EXPECT_TRUE(channel.ok()) << channel.status();
    for (const v1::LaneState& state : channel->lanes()) {
      if (state.direction() == direction && state.lane() == lane) return state;
    }
    return {};
  }

  static void ExpectPoisoned(const absl::Status& status, const std::string& poison) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_EQ(ReasonOf(status), "LANE_POISONED") << status;
    EXPECT_EQ(MetadataOf(status)["poison"], poison) << status;
  }

  // The node's own look at the lane, at the latest its audit's.
  v1::LaneState AwaitPoison(v1::Direction direction, uint32_t lane) {
    for (;;) {
      const v1::LaneState state = StateOf(direction, lane);
      if (state.poisoned()) return state;
      std::this_thread::yield();
    }
  }

  void ResetAttackedLane() {
    for (v1::Direction direction : {v1::DIRECTION_HOST_TO_CHIP, v1::DIRECTION_CHIP_TO_HOST}) {
      const auto lane = orchestrator_->ResetLane(0, "attacked", direction, kAttackedLane);
      ASSERT_TRUE(lane.ok()) << lane.status();
      EXPECT_FALSE(lane->poisoned());
    }
    const auto stream = Open(*channel_, LanePair(kAttackedLane));
    SendNumbers(*stream, 0, 20);
    ReceiveNumbers(*stream, 0, 20);
  }

  void EndWell() {
    if (other_ != nullptr) other_->Stop();
    other_channel_->Stop();
    EXPECT_FALSE(chip_->Poll().has_value()) << ReadFileOrEmpty(node_.dir() / "hostile.log");
    EXPECT_EQ(node_.Terminate(), 0) << node_.log();
  }

  std::unique_ptr<Channel> channel_, kept_;
  std::unique_ptr<ChildProcess> chip_;
  std::unique_ptr<Witness> other_, other_channel_;  // another lane of the channel, and a lane of another channel
};

struct Case {
  const char* fault;
  v1::Direction direction;
  const char* poison;
  const char* evidence;  // a part of it
};

class PoisonedNodeTest : public HostileNode, public testing::WithParamInterface<Case> {};

TEST_P(PoisonedNodeTest, RefusesOneLaneAndServesTheOthers) {
  const Case& fault = GetParam();
  Begin(fault.fault);
  const auto stream = Trigger();
  ExpectPoisoned(EndOf(*stream), fault.poison);
  const v1::LaneState state = StateOf(fault.direction, kAttackedLane);
  EXPECT_TRUE(state.poisoned());
  EXPECT_EQ(state.poison(), fault.poison);
  EXPECT_TRUE(absl::StrContains(state.evidence(), fault.evidence)) << state.evidence();
  const auto again = channel_->OpenStream(LanePair(kAttackedLane));
  ASSERT_FALSE(again.ok()) << "sticky";
  ExpectPoisoned(again.status(), fault.poison);
  other_->AwaitMore(100);
  other_channel_->AwaitMore(100);
  for (v1::Direction direction : {v1::DIRECTION_HOST_TO_CHIP, v1::DIRECTION_CHIP_TO_HOST})
    EXPECT_FALSE(StateOf(direction, kOtherLane).poisoned());
  ResetAttackedLane();
  EndWell();
}

INSTANTIATE_TEST_SUITE_P(
    EveryFault, PoisonedNodeTest,
    testing::Values(Case{"tail-jump", v1::DIRECTION_CHIP_TO_HOST, "TAIL_RANGE", "lane_depth 8"},
                    Case{"tail-back", v1::DIRECTION_CHIP_TO_HOST, "TAIL_RANGE", "where it was before"},
                    Case{"head-past", v1::DIRECTION_HOST_TO_CHIP, "HEAD_RANGE", "> tail"},
                    Case{"head-back", v1::DIRECTION_HOST_TO_CHIP, "HEAD_RANGE", "where it was before"},
                    Case{"descriptor-size", v1::DIRECTION_CHIP_TO_HOST, "DESCRIPTOR", "max_message_bytes 512"},
                    Case{"descriptor-sequence", v1::DIRECTION_CHIP_TO_HOST, "DESCRIPTOR", "sequence"},
                    Case{"descriptor-place", v1::DIRECTION_CHIP_TO_HOST, "DESCRIPTOR", "payload_position"},
                    Case{"descriptor-reserved", v1::DIRECTION_CHIP_TO_HOST, "DESCRIPTOR", "reserved"}),
    [](const testing::TestParamInfo<Case>& info) {
      std::string name = info.param.fault;
      for (char& letter : name)
        if (letter == '-') letter = '_';
      return name;
    });

TEST_F(HostileNode, ZeroedRingsArePoisonBothWaysUntilTheyAreReset) {
  Begin("zero-ring");
  const auto stream = Trigger();
  const absl::Status end = EndOf(*stream);
  EXPECT_EQ(ReasonOf(end), "LANE_POISONED") << end;  // of whichever direction the node looked at first
  EXPECT_EQ(AwaitPoison(v1::DIRECTION_CHIP_TO_HOST, kAttackedLane).poison(), "TAIL_RANGE");
  EXPECT_EQ(AwaitPoison(v1::DIRECTION_HOST_TO_CHIP, kAttackedLane).poison(), "HEAD_RANGE");
  other_->AwaitMore(100);
  ResetAttackedLane();
  EndWell();
}

TEST_F(HostileNode, ChangedGeometryPoisonsTheChannelAndNoOther) {
  Begin("geometry");
  other_->Stop();  // a lane of the channel whose geometry it is
  other_ = nullptr;
  const auto stream = Trigger();
  ExpectPoisoned(EndOf(*stream), "GEOMETRY");
  for (uint32_t lane : {kAttackedLane, kOtherLane}) {
    for (v1::Direction direction : {v1::DIRECTION_HOST_TO_CHIP, v1::DIRECTION_CHIP_TO_HOST})
      EXPECT_EQ(StateOf(direction, lane).poison(), "GEOMETRY");
  }
  other_channel_->AwaitMore(100);
  EndWell();
}

TEST_F(HostileNode, ARewrittenDeliveredMessageIsEquivocationWhenItIsDeliveredAgain) {
  Begin("rewrite-delivered");
  const auto stream = Trigger(AckMode::kExplicit);
  absl::Status end;
  while (end.ok()) {  // the trigger may still be on its way when the first of these comes back
    stream->BreakForTest();
    const auto answer = stream->Receive(absl::Milliseconds(20));
    EXPECT_FALSE(answer.ok()) << "delivered twice: " << answer->front().payload;
    if (!IsWouldBlock(answer.status())) end = answer.status();
  }
  ExpectPoisoned(end, "EQUIVOCATION");
  EXPECT_EQ(StateOf(v1::DIRECTION_CHIP_TO_HOST, kAttackedLane).poison(), "EQUIVOCATION");
  other_->AwaitMore(100);
  ResetAttackedLane();
  EndWell();
}

TEST_F(HostileNode, FlippingFieldsDeliverWholeMessagesOrPoison) {
  Begin("flip-fields");
  auto stream = Trigger();
  for (int delivered = 0; delivered < 500; ++delivered) {
    const auto answer = stream->Receive(kLong);
    if (!answer.ok()) {
      ExpectPoisoned(answer.status(), "DESCRIPTOR");
      break;
    }
    const std::string payload(answer->front().payload);
    ASSERT_EQ(payload, std::string(payload.size(), 'h'));
    ASSERT_TRUE(payload.size() == 8 || payload.size() == 3) << payload.size();
  }
  other_->AwaitMore(100);
  other_channel_->AwaitMore(100);
  stream.reset();
  EndWell();
}

TEST_F(HostileNode, AStormOfDoorbellsHoldsUpNobody) {
  Begin("doorbell-storm");
  auto stream = Trigger();
  other_->AwaitMore(300);
  other_channel_->AwaitMore(300);
  EXPECT_TRUE(stream->status().ok()) << stream->status();
  EXPECT_FALSE(StateOf(v1::DIRECTION_CHIP_TO_HOST, kAttackedLane).poisoned());
  stream.reset();
  EndWell();
}

}  // namespace
}  // namespace l3link::client
