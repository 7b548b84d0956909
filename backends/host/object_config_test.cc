#include "backends/host/object_config.h"

#include <gtest/gtest.h>

#include <functional>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

const ObjectLimits kLimits;

TEST(ObjectConfigTest, FillsInTheDefaults) {
  ChannelConfig asked;
  asked.host_to_chip_lanes = asked.chip_to_host_lanes = 0;
  asked.lane = {0, 0, 0, 0, false};
  absl::StatusOr<ChannelConfig> config = CompleteChannelConfig(asked, kLimits);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->host_to_chip_lanes, 1u);
  EXPECT_EQ(config->chip_to_host_lanes, 1u);
  EXPECT_EQ(config->lane.lane_depth, 64u);
  EXPECT_EQ(config->lane.max_message_bytes, 4096u);
  EXPECT_EQ(config->lane.ring_bytes, 64u * 4096);
}

TEST(ObjectConfigTest, TheDefaultRingHoldsTwoLargestMessagesAndRarelyMoreThanFourMebibytes) {
  EXPECT_EQ(DefaultRingBytes(1, 4096, 64), 8192u);
  EXPECT_EQ(DefaultRingBytes(64, 4096, 64), 64u * 4096);
  EXPECT_EQ(DefaultRingBytes(65536, 4096, 64), 4u << 20);
  EXPECT_EQ(DefaultRingBytes(64, 16 << 20, 64), 32u << 20);
  EXPECT_EQ(DefaultRingBytes(2, 1, 512), 1024u);
  EXPECT_EQ(DefaultRingBytes(64, 100000, 64) % 64, 0u);
}

struct WrongChannel {
  const char* name;
  std::function<void(ChannelConfig&)> spoil;
  const char* field;
};

class WrongChannelTest : public testing::TestWithParam<WrongChannel> {};

TEST_P(WrongChannelTest, IsRefusedByField) {
  ChannelConfig config;
  GetParam().spoil(config);
  const absl::Status status = CompleteChannelConfig(config, kLimits).status();
  ASSERT_TRUE(IsRefusal(status, Reason::kINVALID_ARGUMENT_FIELD)) << status;
  EXPECT_EQ(RefusalOf(status)->metadata[0].second, GetParam().field) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, WrongChannelTest,
    testing::Values(
        WrongChannel{"DepthNoPowerOfTwo", [](auto& c) { c.lane.lane_depth = 3; }, "lane_depth"},
        WrongChannel{"DepthAbsurd", [](auto& c) { c.lane.lane_depth = 1u << 31; }, "lane_depth"},
        WrongChannel{"MessageAbsurd", [](auto& c) { c.lane.max_message_bytes = UINT32_MAX; }, "max_message_bytes"},
        WrongChannel{"AlignmentSmall", [](auto& c) { c.lane.alignment = 4; }, "alignment"},
        WrongChannel{"AlignmentOdd", [](auto& c) { c.lane.alignment = 24; }, "alignment"},
        WrongChannel{"AlignmentLarge", [](auto& c) { c.lane.alignment = 1024; }, "alignment"},
        WrongChannel{"RingSmall", [](auto& c) { c.lane.ring_bytes = 8191; }, "payload_ring_bytes"},
        WrongChannel{"RingUnaligned", [](auto& c) { c.lane.ring_bytes = 8200; }, "payload_ring_bytes"},
        WrongChannel{"RingAbsurd", [](auto& c) { c.lane.ring_bytes = ~uint64_t{63}; }, "payload_ring_bytes"},
        WrongChannel{"TooManyLanes", [](auto& c) { c.host_to_chip_lanes = 4097; }, "host_to_chip_lanes"}),
    [](const auto& param) { return param.param.name; });

TEST(ObjectConfigTest, RegionsHaveAHostSignalAndAChipSignalUnlessTold) {
  RegionConfig asked;
  asked.data_bytes = 1;
  absl::StatusOr<RegionConfig> config = CompleteRegionConfig(asked, 3, kLimits);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->signal_writers,
            (std::vector<SignalWriter>{SignalWriter::kHost, SignalWriter::kChip, SignalWriter::kBoth}));
  EXPECT_EQ(CompleteRegionConfig(asked, 0, kLimits)->signal_count(), 2u);
}

TEST(ObjectConfigTest, RefusesWrongRegions) {
  RegionConfig config;
  EXPECT_TRUE(IsRefusal(CompleteRegionConfig(config, 1, kLimits).status(), Reason::kINVALID_ARGUMENT_FIELD));
  config.data_bytes = UINT64_MAX;
  EXPECT_TRUE(IsRefusal(CompleteRegionConfig(config, 1, kLimits).status(), Reason::kINVALID_ARGUMENT_FIELD));
  config.data_bytes = 8;
  EXPECT_TRUE(IsRefusal(CompleteRegionConfig(config, 65537, kLimits).status(), Reason::kINVALID_ARGUMENT_FIELD));
  config.signal_writers = {SignalWriter::kHost};
  EXPECT_TRUE(IsRefusal(CompleteRegionConfig(config, 2, kLimits).status(), Reason::kINVALID_ARGUMENT_FIELD));
  config.signal_writers = {static_cast<SignalWriter>(9)};
  EXPECT_TRUE(IsRefusal(CompleteRegionConfig(config, 1, kLimits).status(), Reason::kINVALID_ARGUMENT_FIELD));
}

TEST(ObjectConfigTest, NamesAreShortAndPlain) {
  EXPECT_TRUE(CheckObjectName("a").ok());
  EXPECT_TRUE(CheckObjectName("A.b_c-9").ok());
  EXPECT_TRUE(CheckObjectName(std::string(47, 'x')).ok());
  for (const std::string& name :
       {std::string(), std::string(48, 'x'), std::string("a/b"), std::string("a b"), std::string("\xc3\xa4")}) {
    EXPECT_TRUE(IsRefusal(CheckObjectName(name), Reason::kINVALID_ARGUMENT_FIELD)) << name;
  }
}

}  // namespace
}  // namespace l3link
