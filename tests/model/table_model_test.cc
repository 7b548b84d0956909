// The object table under random opens, closes, resets and acknowledgements: space is never given twice, never lost.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

constexpr int kSteps = 100000;

class TableModel {
 public:
  TableModel() : arena_(32 << 20, 48), chip_(arena_.Attach()) {}

  void Step() {
    const std::string name = absl::StrCat("o", random_() % 40);
    switch (random_() % 8) {
      case 0:
      case 1: OpenChannel(name); break;
      case 2: OpenRegion(name); break;
      case 3: CloseChannel(name); break;
      case 4: CloseRegion(name); break;
      case 5: Reset(name); break;
      case 6: Acknowledge(); break;
      case 7: arena_.table->Audit(random_() % 8); break;
    }
  }

  // Every place of every open object; all different pages, and as many bytes as the table says.
  void Check() {
    std::map<uint64_t, uint64_t> places;
    uint64_t bytes = 0;
    auto add = [&](uint64_t offset, uint64_t size) {
      ASSERT_TRUE(places.emplace(offset, size).second) << offset;
      bytes += size;
    };
    for (const auto& [name, channel] : arena_.table->channels()) {
      const ChannelConfig& config = channel->config();
      add(channel->offset(), l3_channel_head_bytes(config.host_to_chip_lanes + config.chip_to_host_lanes));
      for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
        for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
          add(channel->lane(direction, i).offset, l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes));
          ASSERT_FALSE(channel->lane(direction, i).poison().has_value());
        }
      }
    }
    for (const auto& [name, region] : arena_.table->regions()) add(region->offset(), region->bytes());
    uint64_t end = 0;
    for (const auto& [offset, size] : places) {
      ASSERT_GE(offset, end);
      end = offset + size;
    }
    ASSERT_LE(end, arena_.memory.size());
    ASSERT_EQ(bytes, arena_.table->used_bytes());
    ASSERT_EQ(arena_.platform.committed, arena_.table->used_bytes() + arena_.table->quarantined_bytes());
    CheckDirectory();
  }

  void CloseAll() {
    while (!arena_.table->channels().empty()) arena_.table->CloseChannel(*arena_.table->channels().begin()->second);
    while (!arena_.table->regions().empty()) arena_.table->CloseRegion(*arena_.table->regions().begin()->second);
    Acknowledge();
    ASSERT_EQ(arena_.platform.committed, 0u);
  }

 private:
  // The chip sees exactly what is open.
  void CheckDirectory() {
    std::set<uint64_t> seen, open;
    uint32_t cursor = 0;
    l3_object object;
    while (l3_next_object(&chip_, 0, &cursor, &object) == L3_OK) seen.insert(object.entry.generation);
    for (const auto& [name, channel] : arena_.table->channels()) open.insert(channel->generation());
    for (const auto& [name, region] : arena_.table->regions()) open.insert(region->generation());
    ASSERT_EQ(seen, open);
  }

  void OpenChannel(const std::string& name) {
    ChannelConfig config;
    config.host_to_chip_lanes = random_() % 4;
    config.chip_to_host_lanes = random_() % 4;
    config.lane.lane_depth = 1u << (random_() % 6);
    config.lane.max_message_bytes = 1 + random_() % 50000;
    Opened(arena_.table->OpenChannel(name, *CompleteChannelConfig(config, arena_.limits)).status());
  }
  void OpenRegion(const std::string& name) {
    RegionConfig config;
    config.data_bytes = 1 + random_() % 1000000;
    Opened(arena_.table->OpenRegion(name, *CompleteRegionConfig(config, 1 + random_() % 5, arena_.limits)).status());
  }
  void Opened(const absl::Status& status) {
    if (status.ok()) return;
    ASSERT_TRUE(IsRefusal(status, Reason::kCONFIG_MISMATCH) || IsRefusal(status, Reason::kARENA_FULL) ||
                IsRefusal(status, Reason::kQUARANTINE_FULL) || IsRefusal(status, Reason::kLIMIT_REACHED))
        << status;
  }
  void CloseChannel(const std::string& name) {
    if (auto channel = arena_.table->FindChannel(name, 0); channel.ok()) arena_.table->CloseChannel(**channel);
  }
  void CloseRegion(const std::string& name) {
    if (auto region = arena_.table->FindRegion(name, 0); region.ok()) arena_.table->CloseRegion(**region);
  }
  void Reset(const std::string& name) {
    auto channel = arena_.table->FindChannel(name, 0);
    if (!channel.ok()) return;
    const Direction direction = random_() % 2 == 0 ? Direction::kHostToChip : Direction::kChipToHost;
    if ((*channel)->lane_count(direction) > 0) {
      Opened(arena_.table->ResetLane(**channel, direction, random_() % (*channel)->lane_count(direction)));
    }
  }
  void Acknowledge() {
    uint64_t version;
    if (l3_directory_changed(&chip_, &version)) l3_directory_acknowledge(&chip_, version);
    arena_.table->ReleaseQuarantine(false);
    ASSERT_EQ(arena_.table->quarantined_bytes(), 0u);
  }

  std::mt19937 random_{7};
  TestArena arena_;
  l3_chip chip_;
};

TEST(TableModelTest, SpaceIsNeverGivenTwiceAndNeverLost) {
  TableModel model;
  for (int step = 0; step < kSteps && !testing::Test::HasFatalFailure(); ++step) {
    model.Step();
    if (step % 16 == 0) model.Check();
  }
  model.CloseAll();
}

}  // namespace
}  // namespace l3link
