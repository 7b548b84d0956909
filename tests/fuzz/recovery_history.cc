#include "tests/fuzz/recovery_history.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/host/object_config.h"

namespace l3link::fuzz {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};
constexpr uint32_t kMostBytes = 40;  // of a message

}  // namespace

void History::Run() {
  OpenChannel();
  for (int steps = input_.Byte() % 48; steps > 0; --steps) Step();
}

void History::Step() {
  switch (input_.Byte() % 16) {
    case 0: return OpenChannel();
    case 1: return OpenRegion();
    case 2: return CloseOne();
    case 3: return ResetOne();
    case 4: return Notify();
    case 5: {
      uint64_t version = 0;
      if (l3_directory_changed(&chip_, &version)) l3_directory_acknowledge(&chip_, version);
      return arena_.table->ReleaseQuarantine(false);
    }
    default: return UseLane();
  }
}

void History::OpenChannel() {
  ChannelConfig config;
  config.host_to_chip_lanes = input_.Below(3);
  config.chip_to_host_lanes = input_.Below(3);
  config.lane.lane_depth = 1u << input_.Below(4);
  config.lane.max_message_bytes = kMostBytes;
  config.lane.alignment = 8u << input_.Below(4);
  config.lane.checksum = input_.Flag();
  const absl::StatusOr<ChannelConfig> complete = CompleteChannelConfig(config, arena_.limits);
  (void)arena_.table->OpenChannel(absl::StrCat("c", input_.Below(3)), *complete);
}

void History::OpenRegion() {
  RegionConfig config;
  config.data_bytes = 1 + input_.Below(5000);
  const absl::StatusOr<RegionConfig> complete = CompleteRegionConfig(config, 1 + input_.Below(4), arena_.limits);
  (void)arena_.table->OpenRegion(absl::StrCat("r", input_.Below(2)), *complete);
}

HostChannel* History::AnyChannel() {
  const auto& channels = arena_.table->channels();
  if (channels.empty()) return nullptr;
  return std::next(channels.begin(), input_.Below(channels.size()))->second.get();
}

void History::CloseOne() {
  const auto& regions = arena_.table->regions();
  if (HostChannel* channel = AnyChannel(); channel != nullptr && input_.Flag()) {
    arena_.table->CloseChannel(*channel);
  } else if (!regions.empty()) {
    arena_.table->CloseRegion(*regions.begin()->second);
  }
}

void History::ResetOne() {
  HostChannel* channel = AnyChannel();
  if (channel == nullptr) return;
  const Direction direction = kBothDirections[input_.Byte() % 2];
  if (channel->lane_count(direction) == 0) return;
  (void)arena_.table->ResetLane(*channel, direction, input_.Below(channel->lane_count(direction)));
}

void History::UseLane() {
  HostChannel* channel = AnyChannel();
  if (channel == nullptr) return;
  const Direction direction = kBothDirections[input_.Byte() % 2];
  if (channel->lane_count(direction) == 0) return;
  const uint32_t index = input_.Below(channel->lane_count(direction));
  HostLane& lane = channel->lane(direction, index);
  switch (input_.Byte() % 4) {
    case 0: return ChipTurn(*channel, direction, index);
    case 1: return Grant(lane);
    default: return direction == Direction::kHostToChip ? Send(lane) : Receive(lane);
  }
}

void History::Send(HostLane& lane) {
  const std::string text = input_.Text(kMostBytes);
  const auto payload = absl::MakeConstSpan(reinterpret_cast<const std::byte*>(text.data()), text.size());
  (void)lane.producer->Stage({input_.Byte(), 7, payload});
  if (input_.Byte() % 4 != 0) lane.producer->Publish();
}

void History::Receive(HostLane& lane) {
  LaneConsumer& consumer = *lane.consumer;
  MessageHeader header;
  for (int most = input_.Byte() % 4; most > 0; --most) {
    if (consumer.Poll() != LaneResult::kOk || consumer.Next(&header) != LaneResult::kOk) break;
    std::vector<std::byte> payload(header.payload_bytes);
    if (consumer.CopyNext(absl::MakeSpan(payload)) != LaneResult::kOk) break;
    consumer.Advance();
  }
  if (input_.Byte() % 4 != 0) consumer.JournalDelivered();
  if (input_.Flag()) (void)consumer.Ack(consumer.acked() + input_.Byte() % 3);
}

// A program that opens the lane, takes or gives a message, and forgets it again.
void History::ChipTurn(HostChannel& channel, Direction direction, uint32_t index) {
  l3_object object;
  l3_channel view;
  if (l3_find_by_id(&chip_, channel.generation(), &object) != L3_OK) return;
  if (l3_channel_open(&chip_, &object, &view) != L3_OK) return;
  if (direction == Direction::kHostToChip) {
    l3_receiver receiver;
    l3_message message;
    if (l3_receiver_open(&view, index, &receiver) != L3_OK) return;
    if (l3_take(&receiver, &message) == L3_OK) l3_release(&receiver, 1);
    return;
  }
  l3_sender sender;
  if (l3_sender_open(&view, index, &sender) != L3_OK) return;
  const std::string text = input_.Text(kMostBytes);
  l3_message message = {};
  message.payload = reinterpret_cast<const uint8_t*>(text.data());
  message.payload_bytes = static_cast<uint32_t>(text.size());
  (void)l3_send(&sender, &message);
}

void History::Grant(HostLane& lane) {
  LaneJournal& journal = *lane.journal;
  if (input_.Flag()) return journal.Drop();
  const LaneHolder holder = journal.holder();
  journal.Retire({holder.session_id, holder.generation, holder.start, journal.hot().settled.count});
  journal.Grant(journal.hot().epoch + 1, {absl::StrCat("s", input_.Byte() % 8), "", lane.generation,
                                          journal.hot().settled.count, 1 + input_.Byte() % 4u, 1000});
}

void History::Notify() {
  for (const auto& [name, region] : arena_.table->regions()) {
    (void)region->Notify({static_cast<uint32_t>(input_.Below(4)), NotifyOp::kSet, input_.Byte()});
  }
}

Standings History::Stand(ObjectTable& table) {
  Standings standings;
  for (const auto& [name, channel] : table.channels()) {
    for (Direction direction : kBothDirections) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
        const HostLane& lane = channel->lane(direction, i);
        Standing standing{lane.generation, lane.offset, lane.journal->hot().epoch};
        standing.poisoned = lane.poison().has_value();
        if (lane.producer) {
          standing.given = lane.producer->published();
        } else {
          standing.given = lane.consumer->acked();
          standing.ahead = std::max(lane.journal->hot().reached.count, standing.given);
        }
        standings[absl::StrCat(name, "/", static_cast<int>(direction), "/", i)] = standing;
      }
    }
  }
  for (const auto& [name, region] : table.regions()) {
    standings[name] = {region->generation(), region->offset(), 0, region->Load(0), 0, region->poison().has_value()};
  }
  return standings;
}

}  // namespace l3link::fuzz
