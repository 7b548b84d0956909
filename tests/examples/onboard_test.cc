// The same files on an a2a3, as far as there is one here: stand-ins for the vendor's libraries, and in the kernel's place a thread
// that knows the arena's device address, wakes nobody and cannot sleep.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <thread>

#include "backends/abi/chip.h"
#include "backends/ascend/testing/stand_ins.h"
#include "backends/worker/worker.h"
#include "tests/conformance/chip_fixture.h"
#include "tests/examples/payloads.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

constexpr uint64_t kArenaBytes = uint64_t{16} << 20;

using ProgramMain = int (*)(l3_chip* chip, int argc, char** argv);

// What the launched kernel does with a program (docs/chip-programs.md).
void RunAsKernel(ProgramMain program, uint64_t device_address, const int* stop) {
  l3_platform platform = {};
  platform.now_us = [](void*) {
    return static_cast<uint64_t>(absl::ToInt64Microseconds(absl::FromChrono(MonoNow().time_since_epoch())));
  };
  platform.stop = stop;
  platform.relax = [](void*) { std::this_thread::yield(); };
  l3_chip chip;
  const int code = l3_attach(&chip, reinterpret_cast<void*>(device_address), kArenaBytes, &platform);
  ASSERT_EQ(code, L3_OK) << l3_code_text(code);
  EXPECT_EQ(program(&chip, 0, nullptr), 0);
  l3_detach(&chip);
}

class ExampleOnboardTest : public testing::Test {
 protected:
  void Start(const std::string& name) {
    WorkerOptions options;
    options.platforms = {{"a2a3", 1}};
    options.ascend = StandInOptions();
    options.chip.arena_bytes = kArenaBytes;
    options.chip.limits.max_objects = 64;
    worker_ = Worker::Start(options).value();
    library_ = dlopen(("backends/examples/lib" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    const auto program = reinterpret_cast<ProgramMain>(dlsym(library_, "l3_program_main"));
    ASSERT_NE(program, nullptr) << dlerror();
    kernel_ = std::thread(RunAsKernel, program, worker_->chip(0).traits().device_base, &stop_);
  }
  void TearDown() override {
    __atomic_store_n(&stop_, 1, __ATOMIC_RELAXED);
    if (kernel_.joinable()) kernel_.join();
    worker_.reset();
    if (library_ != nullptr) dlclose(library_);
  }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
  std::unique_ptr<Worker> worker_;
  void* library_ = nullptr;
  int stop_ = 0;  // by __atomic
  std::thread kernel_;
};

TEST_F(ExampleOnboardTest, TheQueueWorkerAnswersJobs) {
  ASSERT_NO_FATAL_FAILURE(Start("queue_worker"));
  ChipCalls& calls = worker_->calls(0);
  std::shared_ptr<HostChannel> channel = calls.OpenChannel("jobs", {}).value();
  for (uint64_t i = 0; i < 100; ++i) {
    const std::string job = JobOf(JOB_SUM, {static_cast<float>(i), 1});
    SendAll(calls, *channel, {Message(job, 0, i)});
    const absl::StatusOr<ReceivedMessage> answer = ReceiveOne(calls, *channel, kPatience);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->payload, AnswerOf(JOB_DONE, {static_cast<float>(i + 1)}));
    EXPECT_EQ(answer->header.correlation_id, i);
  }
}

TEST_F(ExampleOnboardTest, ThePipelineAnswersFrames) {
  ASSERT_NO_FATAL_FAILURE(Start("pipeline"));
  ChipCalls& calls = worker_->calls(0);
  RegionConfig config;
  config.data_bytes = FRAMES_BYTES;
  config.signal_writers = {SignalWriter::kHost, SignalWriter::kChip};
  std::shared_ptr<HostRegion> region = calls.OpenSharedMemory("frames", config).value();
  for (uint64_t frame = 0; frame < 20; ++frame) {
    const std::string input = BytesOfFloats(FrameInput(frame));
    const auto bytes = absl::MakeConstSpan(reinterpret_cast<const std::byte*>(input.data()), input.size());
    ASSERT_TRUE(calls.SharedMemoryWrite(*region, frame_input_at(frame), bytes).ok());
    ASSERT_TRUE(calls.SharedMemoryNotify(*region, {FRAMES_READY, NotifyOp::kSet, frame + 1}).ok());
    ASSERT_TRUE(calls.SharedMemoryWait(*region, {FRAMES_DONE, Comparison::kGe, frame + 1}, kPatience).ok());
    std::string output(FRAME_BYTES, '\0');
    const auto room = absl::MakeSpan(reinterpret_cast<std::byte*>(output.data()), output.size());
    ASSERT_TRUE(calls.SharedMemoryRead(*region, frame_output_at(frame), room).ok());
    EXPECT_EQ(output, BytesOfFloats(FrameOutput(frame))) << "frame " << frame;
  }
}

}  // namespace
}  // namespace l3link
