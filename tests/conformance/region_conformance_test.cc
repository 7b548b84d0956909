// Regions and signals, on every platform that has a simulation.
#include <gtest/gtest.h>

#include <thread>

#include "backends/host/refusal.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link {
namespace {

constexpr uint32_t kJobReady = 0;
constexpr uint32_t kJobDone = 1;

RegionConfig Config(uint64_t bytes, std::vector<SignalWriter> writers = {}) { return {bytes, std::move(writers)}; }

class RegionConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  void Start(const std::string& name, const RegionConfig& config) {
    running_ = std::make_unique<RunningChip>(GetParam(), std::vector<std::string>{"vector_add"});
    ASSERT_TRUE(running_->AwaitRunning()) << running_->log();
    absl::StatusOr<std::shared_ptr<HostRegion>> region = calls().OpenSharedMemory(name, config);
    ASSERT_TRUE(region.ok()) << region.status();
    region_ = *std::move(region);
  }
  ChipCalls& calls() { return running_->calls(); }

  std::unique_ptr<RunningChip> running_;
  std::shared_ptr<HostRegion> region_;
};

TEST_P(RegionConformanceTest, TheChipAddsVectorsJobAfterJob) {
  constexpr size_t kElements = 1 << 16;
  Start("vector", Config(3 * kElements * sizeof(float)));
  for (uint64_t job = 1; job <= 3; ++job) {
    std::vector<float> ab(2 * kElements), sum(kElements);
    for (size_t i = 0; i < ab.size(); ++i) ab[i] = static_cast<float>(i % 1000) * static_cast<float>(job);
    ASSERT_TRUE(
        calls()
            .SharedMemoryWrite(*region_, 0, absl::MakeConstSpan(reinterpret_cast<std::byte*>(ab.data()), 8 * kElements))
            .ok());
    ASSERT_TRUE(calls().SharedMemoryNotify(*region_, {kJobReady, NotifyOp::kSet, job}).ok());
    absl::StatusOr<uint64_t> done = calls().SharedMemoryWait(*region_, {kJobDone, Comparison::kGe, job}, kPatience);
    ASSERT_TRUE(done.ok()) << done.status();
    ASSERT_TRUE(calls()
                    .SharedMemoryRead(*region_, 8 * kElements,
                                      absl::MakeSpan(reinterpret_cast<std::byte*>(sum.data()), 4 * kElements))
                    .ok());
    for (size_t i = 0; i < kElements; ++i)
      ASSERT_EQ(sum[i], ab[i] + ab[kElements + i]) << "job " << job << " element " << i;
  }
}

TEST_P(RegionConformanceTest, ChecksRangesWithoutOverflow) {
  Start("plain", Config(1000));
  std::vector<std::byte> buffer(16);
  EXPECT_TRUE(calls().SharedMemoryRead(*region_, 984, absl::MakeSpan(buffer)).ok());
  EXPECT_TRUE(calls().SharedMemoryRead(*region_, 1000, {}).ok()) << "zero bytes at the very end";
  for (uint64_t offset : {uint64_t{985}, uint64_t{1001}, UINT64_MAX, UINT64_MAX - 15}) {
    EXPECT_TRUE(
        IsRefusal(calls().SharedMemoryRead(*region_, offset, absl::MakeSpan(buffer)), Reason::kRANGE_OUT_OF_REGION));
    EXPECT_TRUE(IsRefusal(calls().SharedMemoryWrite(*region_, offset, buffer), Reason::kRANGE_OUT_OF_REGION));
  }
  EXPECT_TRUE(IsRefusal(region_->CheckRange(1, UINT64_MAX), Reason::kRANGE_OUT_OF_REGION));
}

TEST_P(RegionConformanceTest, SignalsChangeAsTheirWritersMay) {
  Start("plain", Config(8, {SignalWriter::kHost, SignalWriter::kChip, SignalWriter::kBoth}));
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {0, NotifyOp::kSet, 5}), 5u);
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {0, NotifyOp::kAdd, 2}), 7u);
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {0, NotifyOp::kMax, 6}), 7u);
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {0, NotifyOp::kMax, 9}), 9u);
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {0, NotifyOp::kSet, 1}), 1u) << "SET may go back";
  EXPECT_TRUE(IsRefusal(calls().SharedMemoryNotify(*region_, {1, NotifyOp::kSet, 1}).status(),
                        Reason::kSIGNAL_NOT_HOST_WRITTEN));
  EXPECT_TRUE(
      IsRefusal(calls().SharedMemoryNotify(*region_, {3, NotifyOp::kSet, 1}).status(), Reason::kSIGNAL_NOT_FOUND));
  EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {2, NotifyOp::kSet, 3}), 3u);
  const absl::StatusOr<uint64_t> added = calls().SharedMemoryNotify(*region_, {2, NotifyOp::kAdd, 4});
  if (running_->chip().traits().shared_rmw) {
    EXPECT_EQ(*added, 7u);
    EXPECT_EQ(*calls().SharedMemoryNotify(*region_, {2, NotifyOp::kMax, 100}), 100u);
  } else {
    EXPECT_TRUE(IsRefusal(added.status(), Reason::kSHARED_RMW_UNSUPPORTED)) << added.status();
  }
}

TEST_P(RegionConformanceTest, WaitsCompareInEveryWay) {
  Start("plain", Config(8));
  ASSERT_TRUE(calls().SharedMemoryNotify(*region_, {0, NotifyOp::kSet, 5}).ok());
  const std::vector<std::pair<Comparison, uint64_t>> holding = {{Comparison::kGe, 5}, {Comparison::kGt, 4},
                                                                {Comparison::kEq, 5}, {Comparison::kNe, 4},
                                                                {Comparison::kLe, 5}, {Comparison::kLt, 6}};
  for (const auto& [comparison, target] : holding) {
    EXPECT_EQ(*calls().SharedMemoryWait(*region_, {0, comparison, target}, absl::ZeroDuration()), 5u);
  }
  const absl::Status late =
      calls().SharedMemoryWait(*region_, {0, Comparison::kGe, 6}, absl::Milliseconds(20)).status();
  EXPECT_TRUE(IsRefusal(late, Reason::kWOULD_BLOCK)) << late;
  EXPECT_TRUE(IsRefusal(calls().SharedMemoryWait(*region_, {9, Comparison::kGe, 6}, absl::ZeroDuration()).status(),
                        Reason::kSIGNAL_NOT_FOUND));
}

TEST_P(RegionConformanceTest, AWaitEndsWhenTheRegionIsClosed) {
  Start("plain", Config(8));
  std::thread closer([&] { EXPECT_TRUE(calls().CloseSharedMemory(*region_).ok()); });
  const absl::Status status = calls().SharedMemoryWait(*region_, {1, Comparison::kGe, 1}, kPatience).status();
  closer.join();
  EXPECT_TRUE(IsRefusal(status, Reason::kREGION_CLOSED)) << status;
}

INSTANTIATE_TEST_SUITE_P(Platforms, RegionConformanceTest, testing::Values("a2a3sim", "a5sim"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace l3link
