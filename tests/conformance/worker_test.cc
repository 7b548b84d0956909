// A node of several chips and platforms in this process: operations go to the chip of their worker id, and to no other.
#include "backends/worker/worker.h"

#include <gtest/gtest.h>

#include "backends/host/refusal.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link {
namespace {

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    WorkerOptions options;
    options.platforms = {{"a2a3sim", 2}, {"a5", 1}, {"a5sim", 1}};
    options.sim.state_dir = dir_ / "state";
    options.sim.programs = {"echo"};
    options.chip.arena_bytes = uint64_t{64} << 20;
    worker_ = Worker::Start(options).value();
  }

  WorkerChannel Open(uint32_t worker_id, absl::string_view name) {
    absl::StatusOr<WorkerChannel> channel = worker_->OpenChannel(worker_id, name, {});
    EXPECT_TRUE(channel.ok()) << channel.status();
    return *std::move(channel);
  }

  TempDir dir_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(WorkerTest, ObjectsOfOneNameOnTwoChipsAreTwo) {
  const WorkerChannel channels[] = {Open(0, "mail"), Open(1, "mail"), Open(3, "mail")};
  for (const WorkerChannel& channel : channels) {
    const std::string payload = "of worker " + std::to_string(channel.worker_id);
    const OutgoingMessage out = Message(payload);
    ASSERT_EQ(worker_->ChannelSend(channel, absl::MakeConstSpan(&out, 1), kPatience).value(), 1u);
  }
  for (const WorkerChannel& channel : channels) {
    char room[64];
    IncomingMessage in{absl::MakeSpan(reinterpret_cast<std::byte*>(room), sizeof(room))};
    ASSERT_EQ(worker_->ChannelRecv(channel, absl::MakeSpan(&in, 1), kPatience).value(), 1u);
    EXPECT_EQ(std::string(room, in.header.payload_bytes), "of worker " + std::to_string(channel.worker_id));
  }
  EXPECT_TRUE(worker_->CloseChannel(channels[0]).ok());
  EXPECT_TRUE(IsRefusal(worker_->CloseChannel(channels[0]), Reason::kCHANNEL_CLOSED));
  EXPECT_TRUE(worker_->CloseChannel(channels[1]).ok()) << "another chip's is another";
}

TEST_F(WorkerTest, RegionsAreOfTheirChip) {
  RegionConfig config;
  config.data_bytes = 64;
  absl::StatusOr<WorkerRegion> first = worker_->OpenSharedMemory(0, "notes", config);
  absl::StatusOr<WorkerRegion> second = worker_->OpenSharedMemory(1, "notes", config);
  ASSERT_TRUE(first.ok() && second.ok());
  const std::byte one{1};
  std::byte found{};
  ASSERT_TRUE(worker_->SharedMemoryWrite(*first, 0, absl::MakeConstSpan(&one, 1)).ok());
  ASSERT_EQ(worker_->SharedMemoryNotify(*first, {0, NotifyOp::kSet, 5}).value(), 5u);
  EXPECT_TRUE(worker_->SharedMemoryRead(*second, 0, absl::MakeSpan(&found, 1)).ok());
  EXPECT_EQ(found, std::byte{0});
  EXPECT_TRUE(IsRefusal(worker_->SharedMemoryWait(*second, {0, Comparison::kGe, 5}, absl::ZeroDuration()).status(),
                        Reason::kWOULD_BLOCK));
  EXPECT_NE(worker_->GetSharedMemoryInfo(*first)->host_ptr, worker_->GetSharedMemoryInfo(*second)->host_ptr);
}

TEST_F(WorkerTest, AChipThatIsNotSupportedIsRefusedAndTheOthersServe) {
  const absl::Status refused = worker_->OpenChannel(2, "mail", {}).status();
  EXPECT_TRUE(IsRefusal(refused, Reason::kPLATFORM_UNSUPPORTED)) << refused;
  EXPECT_EQ(refused.message(), "not supported on a5");
  RegionConfig config;
  config.data_bytes = 64;
  EXPECT_TRUE(IsRefusal(worker_->OpenSharedMemory(2, "notes", config).status(), Reason::kPLATFORM_UNSUPPORTED));
  Open(3, "mail");
}

TEST_F(WorkerTest, ThereAreAsManyAsThereAre) {
  EXPECT_EQ(worker_->size(), 4u);
  for (uint32_t absent : {4u, UINT32_MAX}) {
    EXPECT_TRUE(IsRefusal(worker_->OpenChannel(absent, "x", {}).status(), Reason::kWORKER_NOT_FOUND));
    EXPECT_TRUE(IsRefusal(worker_->OpenSharedMemory(absent, "x", {}).status(), Reason::kWORKER_NOT_FOUND));
  }
}

}  // namespace
}  // namespace l3link
