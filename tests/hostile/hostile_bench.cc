#include "tests/hostile/hostile_bench.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/sim/sim_platform.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

std::shared_ptr<HostChannel> Open(ChipWorker& worker, absl::string_view name, uint32_t lanes) {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = lanes;
  config.lane.lane_depth = 8;
  config.lane.max_message_bytes = 512;
  const auto complete = CompleteChannelConfig(config, ObjectLimits{});
  EXPECT_TRUE(complete.ok()) << complete.status();
  const ChipLock lock(worker);
  auto opened = worker.objects().OpenChannel(name, *complete);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened->object;
}

}  // namespace

HostileBench::HostileBench(const std::string& fault) {
  char path[] = "/dev/shm/l3link-hostile-test-XXXXXX";
  EXPECT_NE(mkdtemp(path), nullptr);
  directory_ = path;
  SimOptions sim;
  sim.state_dir = directory_;
  sim.external = true;
  auto platform = std::make_unique<SimPlatform>(*SimTraits("a2a3sim", 0), 0, sim);
  const std::string arena_path = platform->arena_path();
  ChipWorkerOptions options;
  options.arena_bytes = 64 << 20;
  auto worker = ChipWorker::Start(std::move(platform), options);
  EXPECT_TRUE(worker.ok()) << worker.status();
  worker_ = *std::move(worker);
  attacked_ = Open(*worker_, "attacked", 2);
  kept_ = Open(*worker_, "kept", 1);
  chip_ = std::make_unique<SpawnedProcess>(
      std::vector<std::string>{Runfile("tests/hostile/hostile_chip"), "--arena", arena_path, "--fault", fault},
      directory_ + "/hostile.log");
}

HostileBench::~HostileBench() {
  chip_.reset();
  worker_.reset();
  std::filesystem::remove_all(directory_);
}

void HostileBench::Send(HostChannel& channel, uint32_t lane, absl::string_view payload) {
  OutgoingMessage message;
  message.route = lane;
  message.correlation_id = sent_++;
  message.payload = absl::MakeConstSpan(reinterpret_cast<const std::byte*>(payload.data()), payload.size());
  const ChipLock lock(*worker_);
  LaneProducer& producer = *channel.lane(Direction::kHostToChip, lane).producer;
  ASSERT_EQ(producer.Stage(message), LaneResult::kOk);
  producer.Publish();
}

LaneResult HostileBench::TryReceive(HostChannel& channel, uint32_t lane, MessageHeader* header, std::string* payload) {
  const ChipLock lock(*worker_);
  LaneConsumer& consumer = *channel.lane(Direction::kChipToHost, lane).consumer;
  LaneResult result = consumer.Poll();
  if (result == LaneResult::kOk) result = consumer.Next(header);
  if (result != LaneResult::kOk) return result;
  payload->assign(header->payload_bytes, '\0');
  result = consumer.CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(payload->data()), payload->size()));
  if (result == LaneResult::kOk) consumer.Advance();
  return result;
}

void HostileBench::Echo(HostChannel& channel, uint32_t lane, bool ack) {
  const uint64_t correlation_id = sent_;
  const std::string payload = absl::StrCat("message ", sent_, std::string(sent_ % 300, 'p'));
  Send(channel, lane, payload);
  MessageHeader header;
  std::string answer;
  for (;;) {
    const LaneResult result = TryReceive(channel, lane, &header, &answer);
    if (result == LaneResult::kOk) break;
    ASSERT_EQ(result, LaneResult::kEmpty) << "lane " << lane << " of " << channel.name();
    ASSERT_TRUE(chip_->Running()) << chip_->Stderr();
    usleep(50);
  }
  ASSERT_EQ(answer, payload);
  ASSERT_EQ(header.correlation_id, correlation_id);
  ASSERT_EQ(header.route, lane);
  const ChipLock lock(*worker_);
  ASSERT_EQ(channel.lane(Direction::kHostToChip, lane).producer->PollConsumed(), LaneResult::kOk);
  if (!ack) return;
  ASSERT_TRUE(channel.lane(Direction::kChipToHost, lane).consumer->Ack(header.sequence + 1));
}

absl::optional<Poison> HostileBench::PoisonOf(HostChannel& channel, Direction direction, uint32_t lane) {
  const ChipLock lock(*worker_);
  return channel.lane(direction, lane).poison();
}

absl::optional<Poison> HostileBench::UseLane(HostChannel& channel, uint32_t lane) {
  {
    const ChipLock lock(*worker_);
    (void)channel.lane(Direction::kHostToChip, lane).producer->PollConsumed();
  }
  MessageHeader header;
  std::string payload;
  (void)TryReceive(channel, lane, &header, &payload);
  const auto poison = PoisonOf(channel, Direction::kChipToHost, lane);
  return poison.has_value() ? poison : PoisonOf(channel, Direction::kHostToChip, lane);
}

void HostileBench::ResetLane(HostChannel& channel, uint32_t lane) {
  const ChipLock lock(*worker_);
  for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
    const absl::Status status = worker_->objects().ResetLane(channel, direction, lane);
    ASSERT_TRUE(status.ok()) << status;
  }
}

}  // namespace l3link
