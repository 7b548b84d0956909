#include "backends/sim/chip/source_channel.h"

#include <algorithm>

#include "absl/types/span.h"
#include "backends/abi/chip_wait.h"
#include "backends/sim/chip/seeded_payload.h"

namespace l3link {
namespace {

// A lane's share of a turn.
constexpr uint32_t kBatchMessages = 32;
constexpr uint64_t kBatchBytes = 1 << 20;

}  // namespace

SourceChannel::SourceChannel(const l3_channel& channel, const Config& config, Faults* faults)
    : channel_(channel), config_(config), faults_(faults), lanes_(l3_lane_count(&channel, L3_CHIP_TO_HOST)) {
  config_.message_bytes = std::min(config_.message_bytes, channel.geometry.max_message_bytes);
  OpenLanes();
}

void SourceChannel::OpenLanes() {
  for (uint32_t index = 0; index < lanes_.size(); ++index) {
    Lane& lane = lanes_[index];
    if (lane.open) continue;
    lane = Lane{};
    lane.open = l3_sender_open(&channel_, index, &lane.sender) == L3_OK;
  }
}

bool SourceChannel::Refresh() {
  if (!l3_object_is_current(channel_.chip, channel_.object.index, channel_.object.entry.generation)) return false;
  for (Lane& lane : lanes_)
    if (lane.open && l3_lane_closed(&lane.sender.lane)) lane.open = false;
  OpenLanes();
  return true;
}

bool SourceChannel::Work(uint64_t now_us, bool /*everything*/) {
  bool worked = false;
  for (uint32_t index = 0; index < lanes_.size(); ++index)
    if (lanes_[index].open) worked |= WorkLane(index, now_us);
  return worked;
}

bool SourceChannel::WorkLane(uint32_t index, uint64_t now_us) {
  Lane& lane = lanes_[index];
  l3_sender* sender = &lane.sender;
  const uint32_t allowance = faults_->Allowance(kBatchMessages);
  uint64_t bytes = 0;
  uint32_t count = 0;
  while (count < allowance && bytes < kBatchBytes && !Finished(lane)) {
    uint8_t* place;
    const int code = l3_reserve(sender, config_.message_bytes, &place);
    if (code != L3_OK) {
      if (code != L3_AGAIN) lane.open = false;
      break;
    }
    if (!lane.delay.Over(now_us, *faults_)) break;
    const uint64_t sequence = sender->staged;
    FillSeededPayload(config_.seed, index, sequence, absl::MakeSpan(place, config_.message_bytes));
    l3_stage(sender, sequence, index);
    bytes += config_.message_bytes;
    ++count;
    lane.delay.Done();
  }
  if (count == 0) return false;
  l3_publish(sender);
  faults_->Did(count);
  return true;
}

bool SourceChannel::Ready(uint64_t now_us, uint64_t* due_us) {
  if (faults_->Allowance(1) == 0) return false;
  bool ready = false;
  for (Lane& lane : lanes_) {
    if (!lane.open || Finished(lane)) continue;
    l3_room_wanted room = {&lane.sender, config_.message_bytes};
    if (l3_room_ready(&room) != L3_OK) continue;
    if (lane.delay.due_us() > now_us) {
      *due_us = std::min(*due_us, lane.delay.due_us());
    } else {
      ready = true;
    }
  }
  return ready;
}

}  // namespace l3link
