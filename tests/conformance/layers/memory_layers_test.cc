// Shared memory and its signals, the same at every layer.
#include <atomic>
#include <cstring>
#include <thread>

#include "tests/conformance/layers/layer_suite.h"

namespace l3link {
namespace {

constexpr uint32_t kHostSignal = 0;
constexpr uint32_t kChipSignal = 1;

using MemoryLayersTest = LayerTest;

TEST_P(MemoryLayersTest, WhatIsWrittenIsRead) {
  Start({"echo"});
  const LayerHandle memory = Memory(100'000, 3);
  MemoryFacts facts = {};
  ASSERT_EQ(layer_->SharedMemoryInfo(memory, &facts), Outcome::kOk);
  EXPECT_EQ(facts.data_bytes, 100'000u);
  EXPECT_EQ(facts.signal_count, 3u);
  EXPECT_NE(facts.device_ptr, 0u);
  std::string bytes(100'000, '\0'), read(100'000, 'x');
  ASSERT_EQ(layer_->SharedMemoryRead(memory, 0, read.data(), read.size()), Outcome::kOk);
  EXPECT_TRUE(read == bytes) << "zeros to begin with";
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  ASSERT_EQ(layer_->SharedMemoryWrite(memory, 1, bytes.data() + 1, bytes.size() - 1), Outcome::kOk);
  ASSERT_EQ(layer_->SharedMemoryRead(memory, 0, read.data(), read.size()), Outcome::kOk);
  EXPECT_TRUE(read == bytes);
  if (!layer_->in_process()) {
    EXPECT_EQ(facts.host_ptr, 0u);
  } else {
    EXPECT_EQ(std::memcmp(reinterpret_cast<const char*>(facts.host_ptr), bytes.data(), bytes.size()), 0);
  }
}

TEST_P(MemoryLayersTest, RangesAreCheckedWithoutOverflow) {
  Start({"echo"});
  const LayerHandle memory = Memory(1000);
  char bytes[16] = {};
  const struct {
    uint64_t offset;
    size_t n;
    Outcome outcome;
  } rows[] = {{984, 16, Outcome::kOk},
              {1000, 0, Outcome::kOk},
              {0, 0, Outcome::kOk},
              {985, 16, Outcome::kRefused},
              {1000, 1, Outcome::kRefused},
              {1001, 0, Outcome::kRefused},
              {UINT64_MAX, 1, Outcome::kRefused},
              {UINT64_MAX - 15, 16, Outcome::kRefused}};
  for (const auto& row : rows) {
    EXPECT_EQ(layer_->SharedMemoryRead(memory, row.offset, bytes, row.n), row.outcome) << row.offset << " " << row.n;
    EXPECT_EQ(layer_->SharedMemoryWrite(memory, row.offset, bytes, row.n), row.outcome) << row.offset << " " << row.n;
  }
  LayerHandle nothing = 0;
  EXPECT_EQ(layer_->OpenSharedMemory(0, 2, &nothing), Outcome::kRefused);
}

TEST_P(MemoryLayersTest, AWaitIsMetOrTimesOut) {
  Start({"echo"});
  const LayerHandle memory = Memory(64);
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, 0, absl::ZeroDuration()), Outcome::kOk);
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, 1, absl::ZeroDuration()), Outcome::kTimedOut);
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kChipSignal, 1, absl::Milliseconds(20)), Outcome::kTimedOut);
  ASSERT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, UINT64_MAX), Outcome::kOk);
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, UINT64_MAX, absl::ZeroDuration()), Outcome::kOk);
  ASSERT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, 3), Outcome::kOk) << "a signal may go back";
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, 4, absl::ZeroDuration()), Outcome::kTimedOut);
  for (uint32_t unknown : {2u, UINT32_MAX}) {
    EXPECT_EQ(layer_->SharedMemoryNotify(memory, unknown, 1), Outcome::kRefused);
    EXPECT_EQ(layer_->SharedMemoryWait(memory, unknown, 0, absl::ZeroDuration()), Outcome::kRefused);
  }
}

TEST_P(MemoryLayersTest, AWaitDoesNotHoldUpTheNotifyThatMeetsIt) {
  Start({"echo"});
  const LayerHandle memory = Memory(64);
  std::atomic<int> waiting{0};
  std::vector<std::thread> waiters;
  for (uint64_t target = 1; target <= 4; ++target) {
    waiters.emplace_back([&, target] {
      ++waiting;
      EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, target, kPatience), Outcome::kOk);
      uint64_t written = 0;
      EXPECT_EQ(layer_->SharedMemoryRead(memory, 0, &written, sizeof(written)), Outcome::kOk);
      EXPECT_GE(written, target) << "what was written before the notify is visible after the wait";
    });
  }
  while (waiting < 4) std::this_thread::yield();
  for (uint64_t value = 1; value <= 4; ++value) {
    ASSERT_EQ(layer_->SharedMemoryWrite(memory, 0, &value, sizeof(value)), Outcome::kOk);
    ASSERT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, value), Outcome::kOk);
  }
  for (std::thread& waiter : waiters) waiter.join();
}

TEST_P(MemoryLayersTest, ARunningTaskIsFedByMessagesAndSignalsMeanwhile) {
  constexpr size_t kElements = 10'000;
  Start({"echo", "vector_add@"});
  const LayerHandle memory = Memory(3 * kElements * sizeof(float));
  const LayerHandle channel = Channel();
  std::vector<float> input(2 * kElements), sum(kElements);
  std::string answer;
  for (uint64_t job = 1; job <= 3; ++job) {
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 100 * job);
    ASSERT_EQ(layer_->SharedMemoryWrite(memory, 0, input.data(), 8 * kElements), Outcome::kOk);
    ASSERT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, job), Outcome::kOk);
    ASSERT_EQ(Send(channel, "meanwhile"), Outcome::kOk);
    ASSERT_EQ(Recv(channel, &answer), Outcome::kOk);
    ASSERT_EQ(layer_->SharedMemoryWait(memory, kChipSignal, job, kPatience), Outcome::kOk);
    ASSERT_EQ(layer_->SharedMemoryRead(memory, 8 * kElements, sum.data(), 4 * kElements), Outcome::kOk);
    for (size_t i = 0; i < kElements; ++i) ASSERT_EQ(sum[i], input[i] + input[kElements + i]) << job << ": " << i;
  }
}

TEST_P(MemoryLayersTest, WaitsHoldUpNeitherATaskNorWhatFeedsIt) {
  constexpr uint64_t kJobs = 3;
  Start({"echo", "vector_add@"});
  const LayerHandle memory = Memory(3 * sizeof(float));
  const LayerHandle channel = Channel();
  std::atomic<int> waiting{0};
  std::vector<std::thread> waiters;
  const auto wait = [&](uint32_t signal, uint64_t target, Outcome outcome) {
    waiters.emplace_back([&, signal, target, outcome] {
      ++waiting;
      EXPECT_EQ(layer_->SharedMemoryWait(memory, signal, target, kPatience), outcome) << signal << " " << target;
    });
  };
  for (uint64_t job = 1; job <= kJobs; ++job) wait(kChipSignal, job, Outcome::kOk);
  for (int i = 0; i < 16; ++i) wait(kHostSignal, kJobs + 1, Outcome::kRefused);  // until the region is closed
  while (waiting < 16 + static_cast<int>(kJobs)) std::this_thread::yield();
  for (uint64_t job = 1; job <= kJobs; ++job) {
    const float input[2] = {static_cast<float>(job), 2.0f};
    std::string answer;
    float sum = 0;
    ASSERT_EQ(layer_->SharedMemoryWrite(memory, 0, input, sizeof(input)), Outcome::kOk);
    ASSERT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, job), Outcome::kOk);
    ASSERT_EQ(Send(channel, "meanwhile"), Outcome::kOk);
    ASSERT_EQ(Recv(channel, &answer), Outcome::kOk);
    waiters[job - 1].join();
    ASSERT_EQ(layer_->SharedMemoryRead(memory, sizeof(input), &sum, sizeof(sum)), Outcome::kOk);
    EXPECT_EQ(sum, input[0] + input[1]);
  }
  EXPECT_EQ(layer_->CloseSharedMemory(memory), Outcome::kOk);
  for (size_t i = kJobs; i < waiters.size(); ++i) waiters[i].join();
}

TEST_P(MemoryLayersTest, ClosingEndsWaitsAndRefusesFurtherUse) {
  Start({"echo"});
  const LayerHandle memory = Memory(64);
  std::atomic<bool> waiting{false};
  std::thread waiter([&] {
    waiting = true;
    EXPECT_EQ(layer_->SharedMemoryWait(memory, kChipSignal, 1, kPatience), Outcome::kRefused);
  });
  while (!waiting) std::this_thread::yield();
  EXPECT_EQ(layer_->CloseSharedMemory(memory), Outcome::kOk);
  waiter.join();
  EXPECT_EQ(layer_->CloseSharedMemory(memory), Outcome::kRefused) << "twice";
  MemoryFacts facts = {};
  char byte = 0;
  EXPECT_EQ(layer_->SharedMemoryInfo(memory, &facts), Outcome::kRefused);
  EXPECT_EQ(layer_->SharedMemoryRead(memory, 0, &byte, 1), Outcome::kRefused);
  EXPECT_EQ(layer_->SharedMemoryWrite(memory, 0, &byte, 1), Outcome::kRefused);
  EXPECT_EQ(layer_->SharedMemoryNotify(memory, kHostSignal, 1), Outcome::kRefused);
  EXPECT_EQ(layer_->SharedMemoryWait(memory, kHostSignal, 0, absl::ZeroDuration()), Outcome::kRefused);
}

INSTANTIATE_TEST_SUITE_P(Layers, MemoryLayersTest,
                         testing::Combine(testing::ValuesIn(AllLayers()), testing::Values("a2a3sim", "a5sim")),
                         LayerTestName);

}  // namespace
}  // namespace l3link
