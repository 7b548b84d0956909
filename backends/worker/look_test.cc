// ChipWorker::BeginLook and EndLook: between them the chip wakes nobody, and nothing that it rings for is missed.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "backends/abi/chip_region.h"
#include "backends/host/testing/memory_platform.h"
#include "backends/worker/chip_worker.h"

namespace l3link {
namespace {

constexpr absl::Duration kLong = absl::Seconds(5);

// The doorbell thread sleeps until the word changes.
class SleepingPlatform final : public MemoryPlatform {
 public:
  void AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) override {
    const MonoTime end = After(MonoNow(), at_most);
    while (l3_load_acquire_u32(word) == expected && MonoNow() < end) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    if (l3_load_acquire_u32(word) != expected) ++woken;
  }
  std::atomic<int> woken{0};
};

class Told final : public RegionListener {
 public:
  void OnRegionActivity(HostRegion&) override { ++times; }
  void OnRegionGone(HostRegion&) override {}
  std::atomic<int> times{0};
};

// A chip worker whose doorbell thread sleeps, and a chip that may raise signal 0 of a region somebody listens to.
class LookTest : public testing::Test {
 protected:
  LookTest() {
    auto platform = std::make_unique<SleepingPlatform>();
    pages_ = platform.get();
    ChipWorkerOptions options;
    options.arena_bytes = 16 << 20;
    options.spin = absl::ZeroDuration();
    worker_ = *ChipWorker::Start(std::move(platform), options);
    {
      ChipLock lock(*worker_);
      RegionConfig config;
      config.data_bytes = 64;
      config.signal_writers.assign(1, SignalWriter::kChip);
      region_ = worker_->objects().OpenRegion("r", config)->object;
      worker_->objects().SetRegionListener(*region_, &told_);
    }
    header_ = reinterpret_cast<l3_arena_header*>(pages_->memory().data());
    hooks_.context = &wakes_;
    hooks_.now_us = [](void*) -> uint64_t { return 0; };
    hooks_.wake = [](void* wakes, uint32_t*) { ++*static_cast<int*>(wakes); };
    l3_object found;
    AttachChip();
    EXPECT_EQ(l3_find_by_name(&chip_, L3_OBJECT_REGION, "r", &found), L3_OK);
    EXPECT_EQ(l3_region_open(&chip_, &found, &shared_), L3_OK);
    AwaitSleep();
    wakes_ = told_.times = 0;
  }
  ~LookTest() override {
    ChipLock lock(*worker_);
    worker_->objects().SetRegionListener(*region_, nullptr);
  }

  bool armed() const { return l3_load_acquire_u32(&header_->to_host.armed) != 0; }
  // All that was rung for until now has been told, and the doorbell thread sleeps.
  void AwaitSleep() {
    for (int quiet = 0; quiet < 20; ++quiet) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!armed()) quiet = 0;
    }
  }
  void AttachChip() { ASSERT_EQ(l3_attach(&chip_, pages_->memory().data(), pages_->memory().size(), &hooks_), L3_OK); }
  void Begin() {
    ChipLock lock(*worker_);
    worker_->BeginLook();
  }
  void Raise() { ASSERT_EQ(l3_notify(&shared_, 0, L3_NOTIFY_ADD, 1), L3_OK); }

  SleepingPlatform* pages_ = nullptr;
  std::unique_ptr<ChipWorker> worker_;
  std::shared_ptr<HostRegion> region_;
  Told told_;
  l3_arena_header* header_ = nullptr;
  int wakes_ = 0;
  l3_platform hooks_ = {};
  l3_chip chip_;
  l3_region shared_;
};

TEST_F(LookTest, TheChipWakesTheDoorbellThreadWhileNobodyLooks) {
  Raise();
  EXPECT_EQ(wakes_, 1);
  while (told_.times == 0) std::this_thread::yield();
}

TEST_F(LookTest, WhatItAnswersAtOnceWakesNobody) {
  Begin();
  Raise();
  EXPECT_EQ(wakes_, 0);
  EXPECT_EQ(told_.times, 0);
  EXPECT_TRUE(worker_->EndLook(kLong));
  EXPECT_EQ(told_.times, 1);
  EXPECT_TRUE(armed());
}

TEST_F(LookTest, ALookOfNoTimeFindsWhatWasRungMeanwhile) {
  Begin();
  Raise();
  EXPECT_TRUE(worker_->EndLook(absl::ZeroDuration()));
  EXPECT_EQ(told_.times, 1);
}

TEST_F(LookTest, AfterItTheChipWakesAgain) {
  Begin();
  EXPECT_FALSE(worker_->EndLook(absl::ZeroDuration()));
  Raise();
  EXPECT_EQ(wakes_, 1);
  while (told_.times == 0) std::this_thread::yield();
}

TEST_F(LookTest, TheLastOfSeveralLetsTheChipWakeAgain) {
  Begin();
  Begin();
  EXPECT_FALSE(worker_->EndLook(absl::ZeroDuration()));
  EXPECT_FALSE(armed());
  Raise();
  EXPECT_EQ(wakes_, 0);
  EXPECT_TRUE(worker_->EndLook(kLong));
  EXPECT_TRUE(armed());
}

TEST_F(LookTest, TheDoorbellThreadsTickMeanwhileLetsTheChipWakeNobody) {
  Begin();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // longer than a tick: it was awake, and sleeps again
  Raise();
  EXPECT_EQ(wakes_, 0);
  EXPECT_TRUE(worker_->EndLook(kLong));
  EXPECT_TRUE(armed());
}

TEST_F(LookTest, AnAttachMeanwhileIsSeenToAtItsEnd) {
  Begin();
  AttachChip();
  pages_->woken = 0;
  worker_->EndLook(absl::ZeroDuration());
  const MonoTime end = After(MonoNow(), kLong);
  while (pages_->woken == 0 && MonoNow() < end) std::this_thread::yield();
  EXPECT_GT(pages_->woken, 0) << "not by its tick alone";
}

}  // namespace
}  // namespace l3link
