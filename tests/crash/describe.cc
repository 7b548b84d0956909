#include "tests/crash/describe.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/host/arena_header.h"

namespace l3link {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

std::string DescribePoison(const absl::optional<Poison>& poison) {
  if (!poison.has_value()) return "";
  return absl::StrCat(" POISON ", PoisonName(poison->reason), " ", poison->evidence);
}

std::string DescribeMessage(const MessageHeader& header, absl::string_view payload) {
  return absl::StrCat("    ", header.sequence, header.redelivered ? " again" : "", " correlation ",
                      header.correlation_id, " route ", header.route, " \"", absl::CHexEscape(payload), "\"\n");
}

std::string DescribeProducer(LaneProducer& lane) {
  std::string text = absl::StrCat("consumed ", lane.consumed(), " published ", lane.published(), " bytes ",
                                  lane.published_bytes(), DescribePoison(lane.poison()), "\n");
  for (uint64_t i = lane.consumed(); i < lane.published(); ++i) {
    MessageHeader header;
    absl::Span<const std::byte> payload;
    if (lane.PeekAt(i, &header, &payload) != LaneResult::kOk) return absl::StrCat(text, "    UNREADABLE\n");
    text += DescribeMessage(header, {reinterpret_cast<const char*>(payload.data()), payload.size()});
  }
  return text;
}

std::string DescribeConsumer(LaneConsumer& lane) {
  (void)lane.Poll();
  std::string text =
      absl::StrCat("acked ", lane.acked(), " delivered ", lane.delivered_ever(), " published ", lane.published(),
                   " bytes ", lane.delivered_bytes(), DescribePoison(lane.poison()), "\n");
  for (uint64_t i = lane.acked(); i < lane.published(); ++i) {
    MessageHeader header;
    std::string payload;
    if (lane.PeekAt(i, &header, &payload) != LaneResult::kOk) return absl::StrCat(text, "    UNREADABLE\n");
    text += DescribeMessage(header, payload);
  }
  return text;
}

std::string DescribeSessions(const LaneJournal& journal) {
  const LaneHolder holder = journal.holder();
  std::string text = absl::StrCat("    epoch ", journal.hot().epoch);
  if (!holder.session_id.empty()) {
    absl::StrAppend(&text, " session ", holder.session_id, " from ", holder.start, " of ", holder.generation, " lease ",
                    holder.lease_id, " by ", holder.principal);
  }
  for (const RetiredSession& session : journal.LoadRetired()) {
    absl::StrAppend(&text, "; retired ", session.session_id, " of ", session.generation, " by ", session.principal,
                    " from ", session.start, " at ", session.position);
  }
  return text + "\n";
}

std::string DescribeChannel(HostChannel& channel) {
  std::string text = absl::StrCat("channel ", channel.name(), " ", channel.generation(), " at ", channel.offset(), "+",
                                  channel.bytes(), "\n");
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
      HostLane& lane = channel.lane(direction, i);
      const bool to_chip = direction == Direction::kHostToChip;
      absl::StrAppend(&text, to_chip ? "  to_chip " : "  from_chip ", i, " ", lane.generation, " at ", lane.offset, " ",
                      to_chip ? DescribeProducer(*lane.producer) : DescribeConsumer(*lane.consumer),
                      DescribeSessions(*lane.journal));
    }
  }
  return text;
}

std::string DescribeRegion(HostRegion& region) {
  std::string text = absl::StrCat("region ", region.name(), " ", region.generation(), " at ", region.offset(), "+",
                                  region.bytes(), DescribePoison(region.poison()), "\n ");
  for (uint32_t i = 0; i < region.signal_count(); ++i) absl::StrAppend(&text, " ", region.Load(i));
  const absl::Span<const std::byte> data = region.data();
  return absl::StrCat(text, " \"", absl::CHexEscape({reinterpret_cast<const char*>(data.data()), data.size()}), "\"\n");
}

// Sorted: where in the directory an object stands is nobody's business.
std::vector<std::string> ChipsDirectory(const l3_chip& chip) {
  std::vector<std::string> lines;
  uint32_t cursor = 0;
  l3_object object;
  while (l3_next_object(&chip, 0, &cursor, &object) == L3_OK) {
    lines.push_back(absl::StrCat(object.entry.name, " ", object.entry.generation, " at ", object.entry.offset, "+",
                                 object.entry.bytes));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> OwnDirectory(ObjectTable& table) {
  std::vector<std::string> lines;
  auto add = [&](const auto& object) {
    lines.push_back(
        absl::StrCat(object.name(), " ", object.generation(), " at ", object.offset(), "+", object.bytes()));
  };
  for (const auto& [name, channel] : table.channels()) add(*channel);
  for (const auto& [name, region] : table.regions()) add(*region);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<Extent> Used(ObjectTable& table) {
  std::vector<Extent> extents;
  for (const auto& [name, channel] : table.channels()) {
    const LaneGeometry& lane = channel->config().lane;
    extents.push_back({channel->offset(), l3_channel_head_bytes(uint64_t{channel->config().host_to_chip_lanes} +
                                                                channel->config().chip_to_host_lanes)});
    for (Direction direction : kBothDirections) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i)
        extents.push_back({channel->lane(direction, i).offset, l3_lane_bytes(lane.lane_depth, lane.ring_bytes)});
    }
  }
  for (const auto& [name, region] : table.regions()) extents.push_back({region->offset(), region->bytes()});
  return extents;
}

std::vector<Extent> Unused(ObjectTable& table) {
  ExtentAllocator space(ArenaDataAt(kMaxObjects), kArenaBytes);
  for (const Extent& extent : Used(table)) space.Take(extent);
  return space.Holes();
}

std::vector<Extent> Quarantined(Daemon& daemon) {
  ChipJournal reader(daemon.files().journal(), daemon.files().journal_space());
  std::vector<Extent> extents;
  if (!reader.Open().ok()) return extents;
  const absl::StatusOr<JournalContents> contents = reader.Load();
  if (!contents.ok()) return extents;
  for (const auto& [place, entry] : contents->quarantined) extents.push_back({entry.offset, entry.bytes});
  // The list was full once: whatever is not used may be what found no place in it.
  if (reader.unlisted_version() != 0) extents = Unused(daemon.table());
  return Joined(std::move(extents));
}

uint64_t BytesOf(const std::vector<Extent>& extents) {
  uint64_t bytes = 0;
  for (const Extent& extent : extents) bytes += extent.bytes;
  return bytes;
}

std::string SpaceFault(Daemon& daemon) {
  std::vector<Extent> all = Used(daemon.table());
  const std::vector<Extent> quarantined = Quarantined(daemon);
  if (BytesOf(all) != daemon.table().used_bytes()) return "used_bytes is not what is used";
  if (BytesOf(quarantined) != daemon.table().quarantined_bytes()) return "quarantined_bytes is not what is listed";
  all.insert(all.end(), quarantined.begin(), quarantined.end());
  std::sort(all.begin(), all.end(), [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  uint64_t end = ArenaDataAt(kMaxObjects);
  for (const Extent& extent : all) {
    if (extent.offset < end) return absl::StrCat("the range at ", extent.offset, " begins before ", end);
    end = extent.end();
  }
  return end > kArenaBytes ? "a range ends outside of the arena" : "";
}

}  // namespace

std::string Describe(Daemon& daemon) {
  std::string text;
  for (const auto& [name, channel] : daemon.table().channels()) text += DescribeChannel(*channel);
  for (const auto& [name, region] : daemon.table().regions()) text += DescribeRegion(*region);
  absl::StrAppend(&text, "used ", daemon.table().used_bytes(), " quarantined");
  for (const Extent& extent : Quarantined(daemon)) absl::StrAppend(&text, " ", extent.offset, "+", extent.bytes);
  return text + "\n";
}

std::vector<Extent> OccupiedRanges(Daemon& daemon) {
  std::vector<Extent> all = Used(daemon.table());
  const std::vector<Extent> quarantined = Quarantined(daemon);
  all.insert(all.end(), quarantined.begin(), quarantined.end());
  return Joined(std::move(all));
}

std::string FindFault(Daemon& daemon) {
  daemon.table().Audit();
  const std::string text = Describe(daemon);
  if (text.find("POISON") != std::string::npos || text.find("UNREADABLE") != std::string::npos) return text;
  const l3_chip chip = daemon.Attach();
  const std::vector<std::string> own = OwnDirectory(daemon.table()), seen = ChipsDirectory(chip);
  if (own != seen) {
    return absl::StrCat("open: ", absl::StrJoin(own, ", "), "; the chip sees ", absl::StrJoin(seen, ", "));
  }
  return SpaceFault(daemon);
}

}  // namespace l3link
