// ObjectTable's looking around: who was rung, and whether shared memory still says what the host wrote there.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/host/object_table.h"

namespace l3link {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

bool IsWatched(const HostLane& lane) { return lane.listener != nullptr || !lane.waiters.empty(); }

// The holder, then the waiters as they are now; any of them may take itself out meanwhile.
int TellActivity(HostLane& lane) {
  int told = 0;
  if (lane.listener != nullptr) {
    lane.listener->OnLaneActivity();
    ++told;
  }
  const std::vector<LaneListener*> waiters = lane.waiters;
  for (LaneListener* waiter : waiters) {
    if (std::find(lane.waiters.begin(), lane.waiters.end(), waiter) == lane.waiters.end()) continue;
    waiter->OnLaneActivity();
    ++told;
  }
  return told;
}

bool NoticeRing(HostLane& lane) { return lane.producer ? lane.producer->NoticeRing() : lane.consumer->NoticeRing(); }

}  // namespace

int ObjectTable::ScanRings(bool everything) {
  int told = 0;
  for (auto& [name, channel] : channels_) {
    for (Direction direction : kBothDirections) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
        HostLane& lane = channel->lane(direction, i);
        if (IsWatched(lane) && (NoticeRing(lane) || everything)) told += TellActivity(lane);
      }
    }
  }
  for (auto& [name, region] : regions_) {
    if (region->listener_ == nullptr || !(region->Look() || everything)) continue;
    region->listener_->OnRegionActivity(*region);
    ++told;
  }
  return told;
}

bool ObjectTable::GeometryIsIntact(const HostChannel& channel) const {
  const ChannelConfig& config = channel.config();
  const auto& shared = *reinterpret_cast<const l3_channel_geometry*>(memory_.data() + channel.offset());
  return directory_.IsIntact(channel.directory_index_) &&
         l3_load_relaxed_u64(&shared.generation) == channel.generation() &&
         l3_load_relaxed_u32(&shared.lane_count[L3_HOST_TO_CHIP]) == config.host_to_chip_lanes &&
         l3_load_relaxed_u32(&shared.lane_count[L3_CHIP_TO_HOST]) == config.chip_to_host_lanes &&
         l3_load_relaxed_u32(&shared.lane_depth) == config.lane.lane_depth &&
         l3_load_relaxed_u32(&shared.max_message_bytes) == config.lane.max_message_bytes &&
         l3_load_relaxed_u64(&shared.ring_bytes) == config.lane.ring_bytes &&
         l3_load_relaxed_u32(&shared.alignment) == config.lane.alignment &&
         l3_load_relaxed_u32(&shared.flags) == (config.lane.checksum ? uint32_t{L3_CHANNEL_CHECKSUM} : 0) &&
         l3_load_relaxed_u64(&shared.lane_bytes) == l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes);
}

void ObjectTable::AuditLane(HostChannel& channel, Direction direction, uint32_t index) {
  HostLane& lane = channel.lane(direction, index);
  if (lane.poison().has_value()) return;
  const l3_lane_entry* entry = LaneEntryOf(channel, direction, index);
  if (l3_load_relaxed_u64(&entry->generation) != lane.generation ||
      l3_load_relaxed_u64(&entry->offset) != lane.offset) {
    lane.SetPoison(PoisonReason::kGeometry, absl::StrCat("lane ", index, ": its entry in the lane table was changed"));
  } else if (lane.producer) {
    if (lane.producer->CheckOwnWords()) (void)lane.producer->PollConsumed();
  } else {
    if (lane.consumer->CheckOwnWords()) (void)lane.consumer->Poll();
  }
  if (lane.poison().has_value()) TellActivity(lane);
}

size_t ObjectTable::AuditChannel(HostChannel& channel) {
  const bool intact = GeometryIsIntact(channel);
  size_t lanes = 0;
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel.lane_count(direction); ++i, ++lanes) {
      HostLane& lane = channel.lane(direction, i);
      if (!intact && !lane.poison().has_value()) {
        lane.SetPoison(PoisonReason::kGeometry,
                       absl::StrCat("channel ", channel.name(), ": its geometry or directory entry was changed"));
        TellActivity(lane);
      }
      AuditLane(channel, direction, i);
    }
  }
  return lanes + 1;
}

void ObjectTable::AuditRegion(HostRegion& region) {
  if (region.poison().has_value()) return;
  if (!directory_.IsIntact(region.directory_index_)) {
    region.SetPoison(PoisonReason::kGeometry, "its directory entry was changed");
  } else if (region.CheckOwnWords()) {
    return;
  }
  if (region.listener_ != nullptr) region.listener_->OnRegionActivity(region);
}

void ObjectTable::Audit(size_t most_lanes) {
  size_t looked_at = 0;
  auto channel = channels_.upper_bound(audited_channel_);
  for (; channel != channels_.end() && looked_at < most_lanes; ++channel) {
    looked_at += AuditChannel(*channel->second);
    audited_channel_ = channel->first;
  }
  if (channel != channels_.end()) return;
  auto region = regions_.upper_bound(audited_region_);
  for (; region != regions_.end() && looked_at < most_lanes; ++region, ++looked_at) {
    AuditRegion(*region->second);
    audited_region_ = region->first;
  }
  if (region != regions_.end()) return;
  audited_channel_.clear();
  audited_region_.clear();
}

void ObjectTable::PoisonAll(PoisonReason reason, absl::string_view evidence) {
  all_poisoned_ = std::string(evidence);
  for (auto& [name, channel] : channels_) {
    for (Direction direction : kBothDirections) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
        channel->lane(direction, i).SetPoison(reason, std::string(evidence));
        TellActivity(channel->lane(direction, i));
      }
    }
  }
  for (auto& [name, region] : regions_) {
    region->SetPoison(reason, std::string(evidence));
    if (region->listener_ != nullptr) region->listener_->OnRegionActivity(*region);
  }
}

}  // namespace l3link
