#include "backends/host/object_config.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backends/arena_limits.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr uint64_t kPreferredRingBytes = uint64_t{4} << 20;

absl::Status WrongField(absl::string_view field, uint64_t value, absl::string_view legal) {
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, absl::StrCat(field, ": ", value, " is not ", legal),
                {{"field", std::string(field)}, {"value", absl::StrCat(value)}, {"limit", std::string(legal)}});
}

absl::Status CheckMost(absl::string_view field, uint64_t value, uint64_t least, uint64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return WrongField(field, value, absl::StrCat(least, " to ", most));
}

bool IsPowerOfTwo(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

absl::Status CheckLane(const LaneGeometry& lane, const ObjectLimits& limits) {
  if (!IsPowerOfTwo(lane.lane_depth) || lane.lane_depth > limits.max_lane_depth) {
    return WrongField("lane_depth", lane.lane_depth, absl::StrCat("a power of two from 1 to ", limits.max_lane_depth));
  }
  absl::Status status = CheckMost("max_message_bytes", lane.max_message_bytes, 1, limits.max_message_bytes);
  if (!status.ok()) return status;
  if (!IsPowerOfTwo(lane.alignment) || lane.alignment < 8 || lane.alignment > L3_LANE_RING_ALIGNMENT) {
    return WrongField("alignment", lane.alignment, "a power of two from 8 to 512");
  }
  return absl::OkStatus();
}

absl::Status CheckRing(const LaneGeometry& lane) {
  const uint64_t least = 2 * l3_align_up(lane.max_message_bytes, lane.alignment);
  if (lane.ring_bytes < least || lane.ring_bytes > kMaxArenaBytes || lane.ring_bytes % lane.alignment != 0) {
    return WrongField(
        "payload_ring_bytes", lane.ring_bytes,
        absl::StrCat("a multiple of alignment ", lane.alignment, " from ", least, " (two largest messages) on"));
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t DefaultRingBytes(uint32_t lane_depth, uint32_t max_message_bytes, uint32_t alignment) {
  const uint64_t largest = l3_align_up(max_message_bytes, alignment);
  const uint64_t all = lane_depth * largest;
  return std::max(2 * largest, std::min(all, std::max(2 * largest, kPreferredRingBytes)));
}

absl::StatusOr<ChannelConfig> CompleteChannelConfig(ChannelConfig config, const ObjectLimits& limits) {
  if (config.host_to_chip_lanes == 0 && config.chip_to_host_lanes == 0) {
    config.host_to_chip_lanes = config.chip_to_host_lanes = 1;
  }
  const LaneGeometry defaults;
  LaneGeometry& lane = config.lane;
  if (lane.lane_depth == 0) lane.lane_depth = defaults.lane_depth;
  if (lane.max_message_bytes == 0) lane.max_message_bytes = defaults.max_message_bytes;
  if (lane.alignment == 0) lane.alignment = defaults.alignment;
  absl::Status status = CheckMost("host_to_chip_lanes", config.host_to_chip_lanes, 0, limits.max_lanes);
  if (status.ok()) status = CheckMost("chip_to_host_lanes", config.chip_to_host_lanes, 0, limits.max_lanes);
  if (status.ok()) status = CheckLane(lane, limits);
  if (!status.ok()) return status;
  if (lane.ring_bytes == 0) {
    lane.ring_bytes = DefaultRingBytes(lane.lane_depth, lane.max_message_bytes, lane.alignment);
  }
  status = CheckRing(lane);
  if (!status.ok()) return status;
  return config;
}

absl::StatusOr<RegionConfig> CompleteRegionConfig(RegionConfig config, uint32_t signal_count,
                                                  const ObjectLimits& limits) {
  absl::Status status = CheckMost("data_bytes", config.data_bytes, 1, kMaxArenaBytes);
  if (!status.ok()) return status;
  const size_t writers = config.signal_writers.size();
  if (signal_count == 0) signal_count = static_cast<uint32_t>(std::min<size_t>(writers, UINT32_MAX));
  if (signal_count == 0) signal_count = 2;
  status = CheckMost("signal_count", signal_count, 1, limits.max_signals);
  if (!status.ok()) return status;
  if (writers != 0 && writers != signal_count) {
    return WrongField("signal_writers", writers, absl::StrCat("signal_count ", signal_count, " entries, or none"));
  }
  for (SignalWriter writer : config.signal_writers) {
    status = CheckMost("signal_writers", static_cast<uint64_t>(writer), L3_WRITER_HOST, L3_WRITER_BOTH);
    if (!status.ok()) return status;
  }
  if (writers == 0) {
    config.signal_writers.assign(signal_count, SignalWriter::kBoth);
    config.signal_writers[0] = SignalWriter::kHost;
    if (signal_count > 1) config.signal_writers[1] = SignalWriter::kChip;
  }
  return config;
}

absl::Status CheckObjectName(absl::string_view name) {
  bool legal = !name.empty() && name.size() < L3_NAME_BYTES;
  for (char c : name) legal = legal && (absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-');
  if (legal) return absl::OkStatus();
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD,
                absl::StrCat("name: \"", name.substr(0, 64), "\" of ", name.size(),
                             " bytes is not 1 to 47 bytes of [A-Za-z0-9._-]"),
                {{"field", "name"}, {"limit", "1 to 47 bytes of [A-Za-z0-9._-]"}});
}

uint64_t BytesOf(const ChannelConfig& config) {
  const uint64_t lanes = uint64_t{config.host_to_chip_lanes} + config.chip_to_host_lanes;
  return l3_channel_head_bytes(lanes) + lanes * l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes);
}

uint64_t BytesOf(const RegionConfig& config) {
  return l3_align_up(l3_region_data_at(config.signal_count()) + config.data_bytes, L3_PAGE_BYTES);
}

ConfigDifference Difference(const ChannelConfig& open, const ChannelConfig& asked) {
  const std::tuple<const char*, uint64_t, uint64_t> fields[] = {
      {"host_to_chip_lanes", open.host_to_chip_lanes, asked.host_to_chip_lanes},
      {"chip_to_host_lanes", open.chip_to_host_lanes, asked.chip_to_host_lanes},
      {"lane_depth", open.lane.lane_depth, asked.lane.lane_depth},
      {"max_message_bytes", open.lane.max_message_bytes, asked.lane.max_message_bytes},
      {"payload_ring_bytes", open.lane.ring_bytes, asked.lane.ring_bytes},
      {"alignment", open.lane.alignment, asked.lane.alignment},
      {"checksum", open.lane.checksum, asked.lane.checksum},
  };
  for (const auto& [name, is, wanted] : fields) {
    if (is != wanted) return {name, absl::StrCat(is), absl::StrCat(wanted)};
  }
  return {};
}

ConfigDifference Difference(const RegionConfig& open, const RegionConfig& asked) {
  if (open.data_bytes != asked.data_bytes)
    return {"data_bytes", absl::StrCat(open.data_bytes), absl::StrCat(asked.data_bytes)};
  if (open.signal_count() != asked.signal_count())
    return {"signal_count", absl::StrCat(open.signal_count()), absl::StrCat(asked.signal_count())};
  return {"signal_writers", "others", "these"};
}

}  // namespace l3link
