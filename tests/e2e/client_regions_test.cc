// The client's regions against a real node and its vector_add chip.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "client/errors.h"
#include "client/monitor.h"
#include "tests/e2e/client_fixture.h"
#include "tests/support/tcp_proxy.h"

namespace l3link::client {
namespace {

class ClientRegionsTest : public ClientFixture {
 protected:
  ClientRegionsTest() : ClientFixture({"--platform=a2a3sim=1", "--sim-program=vector_add"}) {}

  std::unique_ptr<Region> OpenRegion(const std::string& name, uint64_t data_bytes, uint32_t signals = 2) {
    v1::RegionConfig config;
    config.set_data_bytes(data_bytes);
    config.set_signal_count(signals);
    for (uint32_t i = 0; i < signals && signals > 2; ++i) config.add_signal_writers(v1::SIGNAL_WRITER_HOST);
    auto region = orchestrator_->OpenRegion(0, name, config);
    EXPECT_TRUE(region.ok()) << region.status();
    return region.ok() ? *std::move(region) : nullptr;
  }
};

TEST_F(ClientRegionsTest, ReadsBackWhatItWrote) {
  const auto region = OpenRegion("bulk", (16 << 20) + 13);
  ASSERT_NE(region, nullptr);
  std::string data((16 << 20) + 5, '\0');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31 + i / 509);
  ASSERT_TRUE(region->Write(8, data).ok());
  std::string back(data.size(), '\0');
  ASSERT_TRUE(region->Read(8, absl::MakeSpan(back)).ok());
  EXPECT_TRUE(back == data);
  EXPECT_TRUE(region->Read(region->data_bytes(), {}).ok()) << "zero bytes at the very end";
  EXPECT_TRUE(region->Write(region->data_bytes(), "").ok());
  EXPECT_TRUE(HasReason(region->Write(region->data_bytes() - 1, "ab"), v1::RANGE_OUT_OF_REGION));
  EXPECT_TRUE(HasReason(region->Read(~uint64_t{0}, absl::MakeSpan(back)), v1::RANGE_OUT_OF_REGION));
}

TEST_F(ClientRegionsTest, ReadsAndWritesInACallback) {
  const auto region = OpenRegion("inside", 1 << 20);
  ASSERT_NE(region, nullptr);
  const std::string data(1 << 20, 'x');
  std::string back(data.size(), '\0');
  Mutex mutex;
  Condition told;
  bool done = false;
  const SignalCondition now = {.signal = 0, .target = 0};
  const auto handle = region->WaitThen({&now, 1}, Combine::kAny, kLong, [&](const auto& result) {
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(region->Write(0, data).ok());
    EXPECT_TRUE(region->Read(0, absl::MakeSpan(back)).ok());
    MutexLock lock(mutex);
    done = true;
    told.WakeAll();
  });
  ASSERT_TRUE(handle.ok()) << handle.status();
  MutexLock lock(mutex);
  while (!done) told.WaitUntil(mutex, kNever);
  EXPECT_TRUE(back == data);
}

TEST_F(ClientRegionsTest, ReadsAndWritesFromSeveralThreads) {
  constexpr size_t kBytes = 3 << 20;
  const auto region = OpenRegion("shared", 4 * kBytes);
  ASSERT_NE(region, nullptr);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string data(kBytes, static_cast<char>('a' + i));
      std::string back(kBytes, '\0');
      EXPECT_TRUE(region->Write(i * kBytes, data).ok());
      EXPECT_TRUE(region->Read(i * kBytes, absl::MakeSpan(back)).ok());
      EXPECT_TRUE(back == data);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ClientRegionsTest, LetsTheChipAddTwoVectors) {
  constexpr size_t kElements = 100'000;
  const auto region = OpenRegion("vectors", 3 * kElements * sizeof(float));
  ASSERT_NE(region, nullptr);
  std::vector<float> a(kElements), b(kElements), sum(kElements);
  for (size_t i = 0; i < kElements; ++i) {
    a[i] = static_cast<float>(i);
    b[i] = static_cast<float>(2 * i);
  }
  ASSERT_TRUE(region->Write(0, BytesOf<float>(a)).ok());
  const auto ready =
      region->WriteThenNotify(kElements * sizeof(float), BytesOf<float>(b), {.signal = 0, .value = 1}, kLong);
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(*ready, 1u);
  const auto done = region->Wait({.signal = 1, .target = 1}, kLong);
  ASSERT_TRUE(done.ok() && done->satisfied) << done.status();
  ASSERT_TRUE(region->Read(2 * kElements * sizeof(float), WritableBytesOf(absl::MakeSpan(sum))).ok());
  for (size_t i = 0; i < kElements; ++i) ASSERT_EQ(sum[i], a[i] + b[i]) << i;
}

TEST_F(ClientRegionsTest, WaitsForAnyAndForAll) {
  const auto region = OpenRegion("signals", 64, 4);
  ASSERT_NE(region, nullptr);
  const std::vector<SignalCondition> both = {{.signal = 0, .target = 1}, {.signal = 1, .target = 1}};
  EXPECT_FALSE(region->Test(both)->satisfied);
  EXPECT_FALSE(region->WaitAny(both, absl::ZeroDuration())->satisfied);
  EXPECT_FALSE(region->WaitAny(both, absl::Milliseconds(20))->satisfied);
  EXPECT_EQ(*region->Notify({.signal = 1, .value = 1}), 1u);
  const auto any = region->WaitAny(both, kLong);
  ASSERT_TRUE(any.ok()) << any.status();
  EXPECT_TRUE(any->satisfied);
  EXPECT_EQ(any->values, (std::vector<uint64_t>{0, 1}));
  EXPECT_FALSE(region->WaitAll(both, absl::Milliseconds(20))->satisfied);
  std::thread waiter([&] { EXPECT_TRUE(region->WaitAll(both, kLong)->satisfied); });
  EXPECT_EQ(*region->Notify({.signal = 0, .value = 4, .op = SignalOp::kAdd}), 4u) << "a wait blocks nothing";
  waiter.join();
  EXPECT_EQ(*region->Notify({.signal = 0, .value = 2, .op = SignalOp::kMax}), 4u);
  EXPECT_TRUE(region->Test({{SignalCondition{0, 4, Compare::kEq}}})->satisfied);
  EXPECT_TRUE(HasReason(region->Wait({.signal = 9, .target = 1}, kLong).status(), v1::SIGNAL_NOT_FOUND));
  EXPECT_TRUE(HasReason(region->Notify({.signal = 9, .value = 1}).status(), v1::SIGNAL_NOT_FOUND));
}

TEST_F(ClientRegionsTest, HoldsTenThousandWaitsOnOneStream) {
  constexpr uint64_t kWaits = 10'000;
  const auto region = OpenRegion("many", 64, 3);
  ASSERT_NE(region, nullptr);
  Mutex mutex;
  Condition progress;
  uint64_t ended = 0;
  std::vector<WatchHandle> handles;
  for (uint64_t i = 1; i <= kWaits; ++i) {
    const SignalCondition condition = {.signal = 2, .target = i};
    auto handle = region->WaitThen({&condition, 1}, Combine::kAny, absl::InfiniteDuration(),
                                   [&](const absl::StatusOr<WaitResult>& result) {
                                     EXPECT_TRUE(result.ok() && result->satisfied) << result.status();
                                     MutexLock lock(mutex);
                                     ++ended;
                                     progress.WakeAll();
                                   });
    handles.push_back(*std::move(handle));
  }
  while (region->Refresh()->waits() < kWaits) std::this_thread::yield();
  ASSERT_TRUE(region->Notify({.signal = 2, .value = 4'000}).ok());
  MutexLock lock(mutex);
  while (ended < 4'000) progress.WaitUntil(mutex, kNever);
  EXPECT_EQ(ended, 4'000u);
  mutex.Unlock();
  EXPECT_TRUE(region->Notify({.signal = 2, .value = kWaits}).ok());
  mutex.Lock();
  while (ended < kWaits) progress.WaitUntil(mutex, kNever);
}

TEST_F(ClientRegionsTest, WatchesASignalRise) {
  const auto region = OpenRegion("watched", 64, 3);
  ASSERT_NE(region, nullptr);
  Mutex mutex;
  Condition changed;
  uint64_t newest = 0;
  const SignalCondition condition = {.signal = 2, .target = 1};
  auto handle = region->Watch({&condition, 1}, Combine::kAny, [&](const absl::StatusOr<WaitResult>& result) {
    ASSERT_TRUE(result.ok()) << result.status();
    MutexLock lock(mutex);
    EXPECT_GE(result->values[0], newest) << "never back";
    newest = result->values[0];
    changed.WakeAll();
  });
  for (uint64_t value = 1; value <= 200; ++value) {
    ASSERT_TRUE(region->Notify({.signal = 2, .value = value}).ok());
  }
  {
    MutexLock lock(mutex);
    while (newest < 200) changed.WaitUntil(mutex, kNever);
  }
  handle->Cancel();
  ASSERT_TRUE(region->Notify({.signal = 2, .value = 201}).ok());
  while (region->Refresh()->waits() > 0) std::this_thread::yield();
  MutexLock lock(mutex);
  EXPECT_EQ(newest, 200u);
}

TEST_F(ClientRegionsTest, EndsItsWaitsWhenTheRegionIsClosed) {
  const auto region = OpenRegion("closing", 64);
  ASSERT_NE(region, nullptr);
  std::thread waiter([&] {
    const auto result = region->Wait({.signal = 0, .target = 1}, kLong);
    EXPECT_TRUE(HasReason(result.status(), v1::REGION_CLOSED)) << result.status();
  });
  while (region->Refresh()->waits() == 0) std::this_thread::yield();
  EXPECT_TRUE(region->Close().ok());
  waiter.join();
  EXPECT_TRUE(HasReason(orchestrator_->FindRegion(0, "closing").status(), v1::REGION_NOT_FOUND));
}

TEST_F(ClientRegionsTest, ArmsWaitsAgainAfterABrokenConnection) {
  TcpProxy proxy(node_.tcp_target());
  const auto broken = Orchestrator::Connect({proxy.target()});
  ASSERT_TRUE(broken.ok()) << broken.status();
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = (*broken)->OpenRegion(0, "data", config);
  ASSERT_TRUE(region.ok()) << region.status();
  std::thread waiter([&] {
    const auto result = (*region)->Wait({.signal = 0, .target = 3}, kLong);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->satisfied);
  });
  while ((*region)->Refresh()->waits() == 0) std::this_thread::yield();
  proxy.Break();
  absl::StatusOr<uint64_t> value;
  do value = (*region)->Notify({.signal = 0, .value = 3});
  while (absl::IsUnavailable(value.status()));
  EXPECT_TRUE(value.ok()) << value.status();
  waiter.join();
}

}  // namespace
}  // namespace l3link::client
