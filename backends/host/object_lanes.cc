// ObjectTable's lanes: how they are laid into a channel, closed, and reset to a fresh place.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/catalogue.h"
#include "backends/host/object_table.h"

namespace l3link {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

// Each listener once; by then the lane knows none, so that a listener may go away meanwhile.
void TellGone(HostLane& lane, bool channel_closed) {
  std::vector<LaneListener*> listeners = std::exchange(lane.waiters, {});
  if (lane.listener != nullptr) listeners.insert(listeners.begin(), std::exchange(lane.listener, nullptr));
  for (LaneListener* listener : listeners) listener->OnLaneGone(channel_closed);
}

}  // namespace

l3_lane_entry* ObjectTable::LaneEntryOf(const HostChannel& channel, Direction direction, uint32_t lane) const {
  auto* table = reinterpret_cast<l3_lane_entry*>(memory_.data() + channel.offset() + L3_LANE_TABLE_AT);
  return table + (direction == Direction::kChipToHost ? channel.config().host_to_chip_lanes : 0) + lane;
}

void ObjectTable::BuildLane(HostChannel& channel, Direction direction, uint32_t index, uint64_t offset) {
  HostLane& lane = channel.lane(direction, index);
  if (lane.journal == nullptr) lane.journal = std::make_unique<LaneJournal>(JournalOf(channel, direction, index));
  lane.journal->Begin(journal_->NextGeneration(), offset);
  PlaceLane(channel, direction, index);
  WriteLaneEntry(channel, direction, index);
}

LaneJournal ObjectTable::JournalOf(const HostChannel& channel, Direction direction, uint32_t index) const {
  const uint64_t offset = channel.block().offset + JournalOffsetOf(channel.config(), direction, index);
  return LaneJournal(journal_->BlockAt(offset), DigestsOf(channel.config(), direction));
}

// Where the lane's journal says that it is.
void ObjectTable::PlaceLane(HostChannel& channel, Direction direction, uint32_t index) {
  HostLane& lane = channel.lane(direction, index);
  lane.generation = lane.journal->hot().generation;
  lane.offset = lane.journal->hot().offset;
  std::byte* base = memory_.data() + lane.offset;
  if (direction == Direction::kHostToChip) {
    lane.producer = std::make_unique<LaneProducer>(base, channel.config().lane, bell_, lane.journal.get());
  } else {
    lane.consumer = std::make_unique<LaneConsumer>(base, channel.config().lane, bell_, lane.journal.get());
  }
}

void ObjectTable::WriteLaneEntry(const HostChannel& channel, Direction direction, uint32_t index) {
  const HostLane& lane = channel.lane(direction, index);
  l3_lane_entry* entry = LaneEntryOf(channel, direction, index);
  l3_store_relaxed_u64(&entry->generation, 0);
  l3_fence_release();  // the zero is seen before the new offset; pairs with the fence in l3_lane_open
  l3_store_relaxed_u64(&entry->offset, lane.offset);
  l3_store_release_u64(&entry->generation, lane.generation);  // pairs with the acquire in l3_lane_open
}

void ObjectTable::WriteGeometry(const HostChannel& channel) {
  const ChannelConfig& config = channel.config();
  auto& geometry = *reinterpret_cast<l3_channel_geometry*>(memory_.data() + channel.offset());
  // Plain stores: the directory entry's release lets chips look.
  geometry.generation = channel.generation();
  geometry.lane_count[L3_HOST_TO_CHIP] = config.host_to_chip_lanes;
  geometry.lane_count[L3_CHIP_TO_HOST] = config.chip_to_host_lanes;
  geometry.lane_depth = config.lane.lane_depth;
  geometry.max_message_bytes = config.lane.max_message_bytes;
  geometry.ring_bytes = config.lane.ring_bytes;
  geometry.alignment = config.lane.alignment;
  geometry.flags = config.lane.checksum ? L3_CHANNEL_CHECKSUM : 0;
  geometry.lane_bytes = l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes);
}

std::vector<Extent> ObjectTable::ExtentsOf(const HostChannel& channel) const {
  const ChannelConfig& config = channel.config();
  const uint64_t lanes = uint64_t{config.host_to_chip_lanes} + config.chip_to_host_lanes;
  std::vector<Extent> extents = {{channel.offset(), l3_channel_head_bytes(lanes)}};
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
      extents.push_back(
          {channel.lane(direction, i).offset, l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes)});
    }
  }
  return extents;
}

void ObjectTable::CloseChannel(HostChannel& channel) {
  auto found = channels_.find(channel.name());
  if (channel.closed() || found == channels_.end() || found->second.get() != &channel) return;
  std::shared_ptr<HostChannel> owner = std::move(found->second);
  channels_.erase(found);
  channel.closed_ = true;
  Retire(ExtentsOf(channel), owner, channel.block());
  journal_->Clear(channel.directory_index_);
  directory_.Remove(channel.directory_index_);
  PublishDirectory();
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel.lane_count(direction); ++i) TellGone(channel.lane(direction, i), true);
  }
}

void ObjectTable::CloseRegion(HostRegion& region) {
  auto found = regions_.find(region.name());
  if (region.closed() || found == regions_.end() || found->second.get() != &region) return;
  std::shared_ptr<HostRegion> owner = std::move(found->second);
  regions_.erase(found);
  region.closed_ = true;
  Retire({{region.offset(), region.bytes()}}, owner, region.block());
  journal_->Clear(region.directory_index_);
  directory_.Remove(region.directory_index_);
  PublishDirectory();
  if (RegionListener* listener = std::exchange(region.listener_, nullptr)) listener->OnRegionGone(region);
}

absl::Status ObjectTable::ResetLane(HostChannel& channel, Direction direction, uint32_t index) {
  HostLane& lane = channel.lane(direction, index);
  const uint64_t bytes = l3_lane_bytes(channel.config().lane.lane_depth, channel.config().lane.ring_bytes);
  absl::StatusOr<Extent> extent = Take(bytes, absl::StrCat("lane ", index, " of channel ", channel.name()));
  if (!extent.ok()) return extent.status();
  Retire({{lane.offset, bytes}}, nullptr, {});
  BuildLane(channel, direction, index, extent->offset);
  PublishDirectory();
  TellGone(lane, false);
  return absl::OkStatus();
}

}  // namespace l3link
