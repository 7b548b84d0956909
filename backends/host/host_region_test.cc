// A region without a daemon: bounds, who may write a signal, what a signal is worth, and what the audit finds.
#include "backends/host/host_region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "backends/abi/chip_region.h"
#include "backends/host/object_table.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

constexpr uint64_t kBytes = 1000;
constexpr uint32_t kHosts = 0, kChips = 1, kBoths = 2;

class HostRegionTest : public testing::Test {
 protected:
  HostRegionTest() : chip_(arena_.Attach()) {
    RegionConfig config;
    config.data_bytes = kBytes;
    config.signal_writers = {SignalWriter::kHost, SignalWriter::kChip, SignalWriter::kBoth};
    region_ = arena_.table->OpenRegion("notes", *CompleteRegionConfig(config, 3, ObjectLimits()))->object;
    l3_object object;
    EXPECT_EQ(l3_find_by_name(&chip_, L3_OBJECT_REGION, "notes", &object), L3_OK);
    EXPECT_EQ(l3_region_open(&chip_, &object, &view_), L3_OK);
  }

  TestArena arena_;
  l3_chip chip_;
  std::shared_ptr<HostRegion> region_;
  l3_region view_;
};

TEST_F(HostRegionTest, ChecksRangesWithoutOverflow) {
  EXPECT_TRUE(region_->CheckRange(0, kBytes).ok());
  EXPECT_TRUE(region_->CheckRange(kBytes, 0).ok()) << "zero bytes at the very end";
  EXPECT_FALSE(region_->CheckRange(kBytes + 1, 0).ok());
  EXPECT_FALSE(region_->CheckRange(1, kBytes).ok());
  EXPECT_FALSE(region_->CheckRange(UINT64_MAX, 2).ok()) << "wraps to 1";
  EXPECT_FALSE(region_->CheckRange(2, UINT64_MAX).ok()) << "wraps to 1";
}

// Bulk is copied in whole lines, with what is before and behind them apart.
TEST_F(HostRegionTest, WritesEveryByteAndNoOtherWhereverBothBegin) {
  constexpr size_t kRoom = 10'000;
  RegionConfig config;
  config.data_bytes = kRoom;
  const auto bulk = arena_.table->OpenRegion("bulk", *CompleteRegionConfig(config, 1, ObjectLimits()))->object;
  std::vector<std::byte> source(kRoom), got(kRoom);
  for (size_t i = 0; i < kRoom; ++i) source[i] = static_cast<std::byte>(i * 31 + i / 251);
  for (const size_t bytes : {0, 1, 8191, 8192, 8193, 8321, 9900}) {
    for (size_t at = 0; at <= 64; ++at) {
      const size_t from = at * 7 % 65;
      std::vector<std::byte> wanted(kRoom);
      bulk->Write(0, wanted);
      bulk->Write(at, absl::MakeSpan(source).subspan(from, bytes));
      std::copy_n(source.begin() + from, bytes, wanted.begin() + at);
      bulk->Read(0, absl::MakeSpan(got));
      ASSERT_TRUE(got == wanted) << bytes << " bytes from " << from << " to " << at;
    }
  }
}

TEST_F(HostRegionTest, MaxNeverMovesASignalBack) {
  ASSERT_TRUE(region_->Notify({kHosts, NotifyOp::kSet, 9}).ok());
  EXPECT_EQ(*region_->Notify({kHosts, NotifyOp::kMax, 4}), 9u);
  EXPECT_EQ(region_->Load(kHosts), 9u);
  EXPECT_EQ(*region_->Notify({kHosts, NotifyOp::kMax, 12}), 12u);
  ASSERT_TRUE(region_->Notify({kBoths, NotifyOp::kSet, 9}).ok());
  EXPECT_EQ(*region_->Notify({kBoths, NotifyOp::kMax, 4}), 9u);
  EXPECT_EQ(region_->Load(kBoths), 9u);
}

TEST_F(HostRegionTest, LeavesTheChipsSignalsToTheChip) {
  EXPECT_FALSE(region_->Notify({kChips, NotifyOp::kSet, 1}).ok());
  EXPECT_FALSE(region_->Notify({3, NotifyOp::kSet, 1}).ok()) << "no such signal";
  ASSERT_EQ(l3_notify(&view_, kChips, L3_NOTIFY_SET, 5), L3_OK);
  EXPECT_EQ(region_->Load(kChips), 5u);
}

TEST_F(HostRegionTest, BelievesItsOwnSignalsAndNotWhatTheChipScribblesThere) {
  ASSERT_TRUE(region_->Notify({kHosts, NotifyOp::kSet, 9}).ok());
  l3_store_release_u64(&view_.signals[kHosts].value, 77);
  EXPECT_EQ(region_->Load(kHosts), 9u);
  EXPECT_EQ(*region_->Notify({kHosts, NotifyOp::kAdd, 1}), 10u);
}

TEST_F(HostRegionTest, TheAuditFindsAScribbledSignalAndAScribbledShape) {
  EXPECT_TRUE(region_->CheckOwnWords());
  l3_store_release_u64(&view_.signals[kChips].value, 77);
  EXPECT_TRUE(region_->CheckOwnWords()) << "its own";
  l3_store_release_u64(&view_.signals[kHosts].value, 77);
  EXPECT_FALSE(region_->CheckOwnWords());
  ASSERT_TRUE(region_->poison().has_value());
  EXPECT_EQ(region_->poison()->reason, PoisonReason::kGeometry);
  EXPECT_FALSE(region_->CheckIntact().ok());
}

}  // namespace
}  // namespace l3link
