// A node with a2a3 beside other platforms, in this process: by stand-ins for the vendor's libraries, it works end to end.
#include "backends/worker/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/ascend/testing/stand_ins.h"
#include "backends/host/refusal.h"
#include "tests/conformance/chip_fixture.h"
#include "tests/onboard/chip_thread.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;

constexpr uint64_t kArenaBytes = uint64_t{16} << 20;

class OnboardWorkerTest : public testing::Test {
 protected:
  OnboardWorkerTest() {
    options_.platforms = {{"a5", 1}, {"a2a3", 2}, {"a2a3sim", 1}};
    options_.sim.state_dir = dir_ / "state";
    options_.sim.programs = {"echo"};
    options_.ascend = StandInOptions();
    options_.chip.arena_bytes = kArenaBytes;
    options_.chip.limits.max_objects = 64;
  }

  void Start() { worker_ = Worker::Start(options_).value(); }
  std::unique_ptr<ChipThread> StartProgramOf(uint32_t worker_id) {
    return std::make_unique<ChipThread>(worker_->chip(worker_id).traits().device_base, kArenaBytes);
  }
  std::string Echoed(uint32_t worker_id, HostChannel& channel, const std::string& text, uint32_t route) {
    SendAll(worker_->calls(worker_id), channel, {Message(text, route, 7)});
    const absl::StatusOr<ReceivedMessage> answer = ReceiveOne(worker_->calls(worker_id), channel, kPatience);
    return answer.ok() ? answer->payload : answer.status().ToString();
  }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
  WorkerOptions options_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(OnboardWorkerTest, MessagesGoToTheDeviceAndBackOnEveryLane) {
  Start();
  std::unique_ptr<ChipThread> program = StartProgramOf(2);
  ASSERT_TRUE(worker_->calls(2).AwaitChipState(ChipState::kRunning, kPatience));
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = 2;
  std::shared_ptr<HostChannel> channel = worker_->calls(2).OpenChannel("mail", config).value();
  for (int i = 0; i < 500; ++i) {
    const std::string text = "message " + std::to_string(i);
    ASSERT_EQ(Echoed(2, *channel, text, static_cast<uint32_t>(i)), text);
  }
  EXPECT_TRUE(worker_->calls(2).CloseChannel(*channel).ok());
  channel = worker_->calls(2).OpenChannel("mail", config).value();
  EXPECT_EQ(Echoed(2, *channel, "again", 0), "again") << "where the earlier one's words lay";
}

TEST_F(OnboardWorkerTest, RegionsAndSignalsAreSharedWithTheDevice) {
  Start();
  std::unique_ptr<ChipThread> program = StartProgramOf(1);
  ChipCalls& calls = worker_->calls(1);
  RegionConfig config;
  config.data_bytes = 64;
  config.signal_writers.resize(2, SignalWriter::kBoth);
  std::shared_ptr<HostRegion> region = calls.OpenSharedMemory("notes", config).value();
  uint64_t word = 21;
  ASSERT_TRUE(calls.SharedMemoryWrite(*region, 0, absl::MakeConstSpan(reinterpret_cast<std::byte*>(&word), 8)).ok());
  ASSERT_TRUE(calls.SharedMemoryNotify(*region, {0, NotifyOp::kSet, 1}).ok());
  ASSERT_EQ(calls.SharedMemoryWait(*region, {1, Comparison::kGe, 1}, kPatience).value(), 1u);
  ASSERT_TRUE(calls.SharedMemoryRead(*region, 0, absl::MakeSpan(reinterpret_cast<std::byte*>(&word), 8)).ok());
  EXPECT_EQ(word, 42u);
  const SharedMemoryInfo info = calls.GetSharedMemoryInfo(*region).value();
  EXPECT_EQ(*reinterpret_cast<uint64_t*>(info.device_ptr), 42u) << "device_ptr is where the chip has it";
  EXPECT_TRUE(
      IsRefusal(calls.SharedMemoryNotify(*region, {0, NotifyOp::kAdd, 1}).status(), Reason::kSHARED_RMW_UNSUPPORTED))
      << "no atomics over the bus";
}

TEST_F(OnboardWorkerTest, EveryPlatformServesOrRefusesOnItsOwn) {
  Start();
  const absl::Status refused = worker_->OpenChannel(0, "mail", {}).status();
  EXPECT_TRUE(IsRefusal(refused, Reason::kPLATFORM_UNSUPPORTED)) << refused;
  EXPECT_EQ(refused.message(), "not supported on a5");
  const std::unique_ptr<ChipThread> first = StartProgramOf(1), second = StartProgramOf(2);
  for (uint32_t worker_id : {1u, 2u, 3u}) {
    std::shared_ptr<HostChannel> channel = worker_->calls(worker_id).OpenChannel("mail", {}).value();
    EXPECT_EQ(Echoed(worker_id, *channel, "of " + std::to_string(worker_id), 0), "of " + std::to_string(worker_id));
  }
}

TEST_F(OnboardWorkerTest, GivesTheDevicesMemoryBackAtTheEnd) {
  options_.platforms = {{"a2a3", 1}};
  options_.chip.private_dir = dir_ / "private";  // as the daemon: nothing of a device outlives it all the same
  Start();
  worker_->calls(0).OpenChannel("mail", {}).value();
  stand_ins_.Calls();
  worker_.reset();
  EXPECT_THAT(stand_ins_.Calls(), testing::ElementsAre("halHostUnregister 16777216 on 0", "aclrtFree 16777216"));
  Start();
  EXPECT_THAT(worker_->chip(0).kept_state().note(), HasSubstr("without its arena"));
  EXPECT_TRUE(IsRefusal(worker_->calls(0).FindChannel("mail").status(), Reason::kCHANNEL_NOT_FOUND));
}

TEST_F(OnboardWorkerTest, WithoutTheLibraryOrTheDeviceTheOthersServe) {
  options_.platforms = {{"a2a3", 3}, {"a2a3sim", 1}};  // there are two
  Start();
  const absl::Status absent = worker_->OpenChannel(2, "mail", {}).status();
  EXPECT_TRUE(IsRefusal(absent, Reason::kPLATFORM_UNSUPPORTED)) << absent;
  EXPECT_THAT(std::string(absent.message()), HasSubstr("device 2: aclrtSetDevice failed"));
  EXPECT_TRUE(worker_->OpenChannel(1, "mail", {}).ok());
  std::shared_ptr<HostChannel> channel = worker_->calls(3).OpenChannel("mail", {}).value();
  EXPECT_EQ(Echoed(3, *channel, "simulated", 0), "simulated");
}

TEST_F(OnboardWorkerTest, AFullDeviceIsAnErrorWithItsName) {
  stand_ins_.Fail("aclrtMalloc=207001");
  const absl::Status full = Worker::Start(options_).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("device 0: aclrtMalloc of 16777216 bytes failed with 207001"));
}

}  // namespace
}  // namespace l3link
