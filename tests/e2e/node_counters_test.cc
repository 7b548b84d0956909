// Every number and word that a node shows of its lanes, regions and chips is kept by somebody: in a run that gives each a reason
// to move, each moves. A field that is added to the wire and never filled in fails here by its name.
#include <google/protobuf/message.h>
#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

constexpr uint32_t kWorker = 1;
constexpr uint32_t kLane = 1;

class NodeCountersTest : public ClientFixture {
 protected:
  NodeCountersTest() : ClientFixture({"--platform=a2a3sim=2", "--sim-program=echo"}) {}

  // Remembers which fields have something in them, by their full names.
  void See(const google::protobuf::Message& message) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    for (const auto* field : set) seen_.insert(field->full_name());
  }

  // Fields of `type` that nobody has seen set, but for those of `elsewhere`.
  std::string Missing(const google::protobuf::Descriptor& type, const std::set<std::string>& elsewhere = {}) const {
    std::string names;
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      if (seen_.count(field.full_name()) == 0 && elsewhere.count(field.name()) == 0) names += field.name() + " ";
    }
    return names;
  }

  v1::Chip Chip() {
    const v1::Chip chip = orchestrator_->ListChips()->at(kWorker);
    See(chip);
    return chip;
  }

  std::unique_ptr<Channel> Open(const std::string& name, uint32_t depth = 4) {
    v1::ChannelConfig config;
    config.set_host_to_chip_lanes(2);
    config.set_chip_to_host_lanes(2);
    config.set_lane_depth(depth);
    config.set_max_message_bytes(64);
    config.set_checksum(true);
    return orchestrator_->OpenChannel(kWorker, name, config).value();
  }

  // Of lane 1; those of lane 0 stand still.
  v1::LaneState Lane(const Channel& channel, v1::Direction direction) {
    const v1::Channel now = channel.Refresh().value();
    See(now);
    v1::LaneState found;
    for (const v1::LaneState& lane : now.lanes()) {
      See(lane);
      if (lane.lane() == kLane && lane.direction() == direction) found = lane;
      if (lane.lane() == kLane) continue;
      EXPECT_EQ(lane.published() + lane.consumed() + lane.delivered() + lane.bytes() + lane.full_count(), 0u);
    }
    return found;
  }

  std::set<std::string> seen_;
};

TEST_F(NodeCountersTest, LanesCountWhatGoesThroughThem) {
  const auto channel = Open("counted");
  const auto stream = ClientFixture::Open(*channel, LanePair(kLane));
  ASSERT_NE(stream, nullptr);
  for (uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(stream->Send({std::string(30, 's'), kLane, i}, kLong).ok());
    ASSERT_TRUE(stream->Receive(kLong).ok());
  }
  v1::LaneState to_chip, to_host;
  do {  // the last ack is on its way
    to_chip = Lane(*channel, v1::DIRECTION_HOST_TO_CHIP);
    to_host = Lane(*channel, v1::DIRECTION_CHIP_TO_HOST);
  } while (to_chip.consumed() < 10 || to_host.consumed() < 10);
  EXPECT_EQ(to_chip.published(), 10u);
  EXPECT_EQ(to_chip.consumed(), 10u);
  EXPECT_EQ(to_chip.bytes(), 300u);
  EXPECT_EQ(to_chip.full_count(), 0u);
  EXPECT_EQ(to_host.published(), 10u);
  EXPECT_EQ(to_host.delivered(), 10u);
  EXPECT_EQ(to_host.consumed(), 10u);
  EXPECT_EQ(to_host.bytes(), 300u);

  while (stream->Send({"no more is received", kLane}, absl::Milliseconds(50)).ok()) {
  }
  to_chip = Lane(*channel, v1::DIRECTION_HOST_TO_CHIP);
  EXPECT_GT(to_chip.full_count(), 0u);
  EXPECT_GE(to_chip.published(), 14u);
  EXPECT_EQ(to_chip.published() - to_chip.consumed(), 4u) << "a full ring";
  EXPECT_EQ(Missing(*v1::LaneState::descriptor(), {"poisoned", "poison", "evidence"}), "")
      << "those of poison are hostile_node_test's";
  EXPECT_EQ(Missing(*v1::Channel::descriptor()), "");
}

TEST_F(NodeCountersTest, RegionsCountTheirWaits) {
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = orchestrator_->OpenRegion(kWorker, "counted", config).value();
  EXPECT_EQ(region->Refresh()->waits(), 0u);
  const SignalCondition condition = {.signal = 1, .target = 1};
  auto first = region->WaitThen({&condition, 1}, Combine::kAny, kLong, [](const auto&) {}).value();
  auto second = region->WaitThen({&condition, 1}, Combine::kAny, kLong, [](const auto&) {}).value();
  ASSERT_TRUE(region->Notify({.signal = 0, .value = 7}).ok());
  ASSERT_TRUE(region->Wait({.signal = 0, .target = 7}, kLong)->satisfied) << "behind the two on their stream";
  const v1::Region now = region->Refresh().value();
  See(now);
  EXPECT_EQ(now.waits(), 2u);
  EXPECT_EQ(now.signal_values(0), 7u);
  first.Cancel();
  second.Cancel();
  while (region->Refresh()->waits() > 0) {
  }
  EXPECT_EQ(Missing(*v1::Region::descriptor(), {"poisoned", "poison", "evidence"}), "");
}

TEST_F(NodeCountersTest, ChipsCountWhatIsOpenWhoCameAndWhenTheyLastBeat) {
  const v1::Chip empty = Chip();
  EXPECT_EQ(empty.arena_used_bytes() + empty.arena_quarantined_bytes(), 0u);
  EXPECT_EQ(empty.channel_count() + empty.region_count(), 0u);
  const auto channel = Open("of-the-chip");
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = orchestrator_->OpenRegion(kWorker, "of-the-chip", config).value();
  const v1::Chip open = Chip();
  EXPECT_EQ(open.channel_count(), 1u);
  EXPECT_EQ(open.region_count(), 1u);
  EXPECT_EQ(open.arena_used_bytes(), channel->info().bytes() + region->info().bytes());

  while (Chip().attach_count() == 0) {
  }
  const uint64_t attached = Chip().attach_count();
  const auto pid = static_cast<pid_t>(Chip().pid());
  ASSERT_EQ(kill(pid, SIGSTOP), 0);  // it acknowledges nothing and its heart stops
  ASSERT_TRUE(region->Close().ok());
  const v1::Chip stopped = Chip();
  EXPECT_EQ(stopped.arena_quarantined_bytes(), region->info().bytes());
  EXPECT_EQ(stopped.arena_used_bytes(), channel->info().bytes());
  while (Chip().state() != v1::CHIP_STATE_LOST) {
  }
  EXPECT_GE(Chip().heartbeat_age_ms(), 1000u);
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  while (Chip().attach_count() == attached) {
  }
  EXPECT_EQ(Chip().attach_count(), attached + 1);
  while (Chip().arena_quarantined_bytes() > 0) {
  }
  EXPECT_EQ(Missing(*v1::Chip::descriptor()), "");
}

TEST_F(NodeCountersTest, NodesSayWhatTheyAre) {
  const v1::GetNodeResponse node = orchestrator_->GetNode().value();
  See(node);
  EXPECT_EQ(Missing(*v1::GetNodeResponse::descriptor()), "");
  for (const v1::Limit& limit : node.limits()) {
    EXPECT_GT(limit.maximum(), 0u) << limit.name();
    EXPECT_FALSE(limit.meaning().empty()) << limit.name();
  }
}

}  // namespace
}  // namespace l3link::client
