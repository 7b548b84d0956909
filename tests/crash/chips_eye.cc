#include "tests/crash/chips_eye.h"

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_lane.h"
#include "backends/abi/region_layout.h"
#include "backends/host/arena_header.h"
#include "tests/crash/describe.h"

namespace l3link {
namespace {

// Without attaching, which would be seen.
l3_chip Onlooker(const CrashFiles& files) {
  l3_chip chip = {};
  chip.base = reinterpret_cast<uint8_t*>(files.arena().data());
  chip.arena = HeaderOf(files.arena());
  chip.directory = reinterpret_cast<const l3_directory_entry*>(chip.base + chip.arena->identity.directory_at);
  chip.arena_bytes = kArenaBytes;
  chip.directory_capacity = kMaxObjects;
  return chip;
}

void LookAtChannel(l3_chip* chip, const l3_object& object, ChipsEye* eye) {
  l3_channel view;
  if (l3_channel_open(chip, &object, &view) != L3_OK) return;
  eye->ranges.push_back({object.entry.offset, l3_channel_head_bytes(view.geometry.lane_count[0])});
  for (int direction : {L3_HOST_TO_CHIP, L3_CHIP_TO_HOST}) {
    for (uint32_t i = 0; i < l3_lane_count(&view, direction); ++i) {
      l3_lane lane;
      if (l3_lane_open(&view, direction, i, &lane) != L3_OK) continue;
      const auto* at = reinterpret_cast<const uint8_t*>(lane.producer);
      eye->ranges.push_back({static_cast<uint64_t>(at - chip->base), l3_lane_bytes(lane.lane_depth, lane.ring_bytes)});
      eye->counts[absl::StrCat("lane ", lane.lane_generation)] =
          direction == L3_HOST_TO_CHIP ? lane.producer->tail : lane.consumer->head;
    }
  }
}

void LookAtRegion(const l3_chip* chip, const l3_object& object, ChipsEye* eye) {
  const uint8_t* at = chip->base + object.entry.offset;
  const auto& shape = *reinterpret_cast<const l3_region_shape*>(at);
  const auto* signals = reinterpret_cast<const l3_signal*>(at + shape.signals_at);
  for (uint32_t i = 0; i < shape.signal_count; ++i) {
    if (at[L3_REGION_WRITERS_AT + i] != L3_WRITER_HOST) continue;
    eye->counts[absl::StrCat("region ", object.entry.generation, " signal ", i)] = signals[i].value;
  }
  eye->ranges.push_back({object.entry.offset, object.entry.bytes});
}

bool IsWithin(const Extent& range, const std::vector<Extent>& occupied) {
  for (const Extent& extent : occupied) {
    if (extent.offset <= range.offset && range.end() <= extent.end()) return true;
  }
  return false;
}

}  // namespace

ChipsEye LookAsChip(const CrashFiles& files) {
  ChipsEye eye;
  l3_chip chip = Onlooker(files);
  uint32_t cursor = 0;
  l3_object object;
  while (l3_next_object(&chip, 0, &cursor, &object) == L3_OK) {
    if (object.entry.kind == L3_OBJECT_CHANNEL) {
      LookAtChannel(&chip, object, &eye);
    } else {
      LookAtRegion(&chip, object, &eye);
    }
  }
  return eye;
}

std::string FindTakenBack(const ChipsEye& seen, Daemon& daemon) {
  const ChipsEye now = LookAsChip(daemon.files());
  for (const auto& [what, count] : seen.counts) {
    const auto found = now.counts.find(what);
    if (found != now.counts.end() && found->second < count) {
      return absl::StrCat("the chip could see ", count, " of ", what, ", now it is ", found->second);
    }
  }
  const std::vector<Extent> occupied = OccupiedRanges(daemon);
  for (const Extent& range : seen.ranges) {
    if (!IsWithin(range, occupied)) {
      return absl::StrCat("the chip could see ", range.offset, "+", range.bytes, ", now it is free");
    }
  }
  return "";
}

}  // namespace l3link
