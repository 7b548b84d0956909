#include "tests/crash/go_on.h"

#include <deque>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"
#include "backends/host/testing/lane_memory.h"
#include "tests/crash/describe.h"
#include "tests/crash/scenario.h"

namespace l3link {
namespace {

const std::string kNext = "one more, as long as any may be: 64 bytes, which cross a ring's end";

std::string NextPayload() { return kNext.substr(0, 64); }

// Takes the next message as a chip does; it must be the oldest expected one.
std::string TakeOne(l3_receiver* receiver, std::deque<std::string>* expected) {
  l3_message message;
  const int code = l3_take(receiver, &message);
  if (code != L3_OK) return absl::StrCat("l3_take answers ", code);
  const std::string text(reinterpret_cast<const char*>(message.payload), message.payload_bytes);
  if (expected->empty() || text != expected->front()) return absl::StrCat("the chip takes \"", text, "\"");
  expected->pop_front();
  return l3_release(receiver, 1) == L3_OK ? "" : "l3_release";
}

std::string GoOnToChip(LaneProducer& lane, l3_receiver receiver) {
  if (receiver.released != lane.consumed()) return "the chip's head is not the daemon's";
  std::deque<std::string> expected;
  for (uint64_t i = lane.consumed(); i < lane.published(); ++i) {
    MessageHeader header;
    absl::Span<const std::byte> payload;
    if (lane.PeekAt(i, &header, &payload) != LaneResult::kOk) return "PeekAt";
    expected.emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
  }
  for (int i = 0; i < 3; ++i) {
    const std::string next = NextPayload();
    while (lane.Stage({1, 2, AsBytes(next)}) != LaneResult::kOk) {
      const std::string fault = expected.empty() ? "an empty lane is full" : TakeOne(&receiver, &expected);
      if (!fault.empty()) return fault;
    }
    lane.Publish();
    expected.push_back(next);
  }
  while (!expected.empty()) {
    const std::string fault = TakeOne(&receiver, &expected);
    if (!fault.empty()) return fault;
  }
  if (lane.LookForRoom() != LaneResult::kOk || lane.consumed() != lane.published()) return "consumed is not published";
  return "";
}

std::string ReceiveOne(LaneConsumer& lane, std::deque<std::string>* expected) {
  std::string text;
  if (!ReceiveFromChip(lane, &text)) return "a message does not come";
  if (expected->empty() || text != expected->front()) return absl::StrCat("the daemon receives \"", text, "\"");
  expected->pop_front();
  lane.JournalDelivered();
  return lane.Ack(lane.delivered()) ? "" : "Ack";
}

std::string GoOnFromChip(LaneConsumer& lane, l3_sender sender) {
  (void)lane.Look();
  if (sender.published != lane.published() || sender.head != lane.acked()) return "the chip stands elsewhere";
  std::deque<std::string> expected;
  for (uint64_t i = lane.acked(); i < lane.published(); ++i) {
    MessageHeader header;
    if (lane.PeekAt(i, &header, &expected.emplace_back()) != LaneResult::kOk) return "PeekAt";
  }
  for (int i = 0; i < 3; ++i) {
    const std::string next = NextPayload();
    l3_message message = {};
    message.payload = reinterpret_cast<const uint8_t*>(next.data());
    message.payload_bytes = static_cast<uint32_t>(next.size());
    int code;
    while ((code = l3_send(&sender, &message)) == L3_AGAIN) {
      const std::string fault = ReceiveOne(lane, &expected);
      if (!fault.empty()) return fault;
    }
    if (code != L3_OK) return absl::StrCat("l3_send answers ", code);
    expected.push_back(next);
  }
  while (!expected.empty()) {
    const std::string fault = ReceiveOne(lane, &expected);
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string GoOnWithChannel(l3_chip* chip, HostChannel& channel) {
  l3_object object;
  l3_channel view;
  if (l3_find_by_id(chip, channel.generation(), &object) != L3_OK) return "the chip does not find it";
  if (l3_channel_open(chip, &object, &view) != L3_OK) return "the chip does not open it";
  for (uint32_t i = 0; i < channel.lane_count(Direction::kHostToChip); ++i) {
    l3_receiver receiver;
    if (l3_receiver_open(&view, i, &receiver) != L3_OK) return absl::StrCat("to_chip ", i, " does not open");
    const std::string fault = GoOnToChip(*channel.lane(Direction::kHostToChip, i).producer, receiver);
    if (!fault.empty()) return absl::StrCat("to_chip ", i, ": ", fault);
  }
  for (uint32_t i = 0; i < channel.lane_count(Direction::kChipToHost); ++i) {
    l3_sender sender;
    if (l3_sender_open(&view, i, &sender) != L3_OK) return absl::StrCat("from_chip ", i, " does not open");
    const std::string fault = GoOnFromChip(*channel.lane(Direction::kChipToHost, i).consumer, sender);
    if (!fault.empty()) return absl::StrCat("from_chip ", i, ": ", fault);
  }
  return "";
}

std::string GoOnWithRegion(l3_chip* chip, HostRegion& region) {
  l3_object object;
  l3_region view;
  if (l3_find_by_id(chip, region.generation(), &object) != L3_OK) return "the chip does not find it";
  if (l3_region_open(chip, &object, &view) != L3_OK) return "the chip does not open it";
  for (uint32_t i = 0; i < region.signal_count(); ++i) {
    uint64_t value;
    if (l3_signal_load(&view, i, &value) != L3_OK || value != region.Load(i)) return absl::StrCat("signal ", i);
  }
  const absl::StatusOr<uint64_t> now = region.Notify({0, NotifyOp::kAdd, 5});
  uint64_t value;
  if (!now.ok() || l3_signal_load(&view, 0, &value) != L3_OK || value != *now) return "a notify does not arrive";
  return "";
}

std::string OpenOneMore(Daemon& daemon, l3_chip* chip) {
  uint64_t newest = 0;
  for (const auto& [name, channel] : daemon.table().channels()) newest = std::max(newest, channel->generation());
  const auto opened = daemon.table().OpenChannel("one-more", CrashChannelConfig(1, false));
  if (!opened.ok()) return opened.status().ToString();
  if (opened->object->generation() <= newest) return "a generation is given twice";
  return GoOnWithChannel(chip, *opened->object);
}

}  // namespace

std::string GoOn(Daemon& daemon) {
  l3_chip chip = daemon.Attach();
  for (const auto& [name, channel] : daemon.table().channels()) {
    const std::string fault = GoOnWithChannel(&chip, *channel);
    if (!fault.empty()) return absl::StrCat("channel ", name, ": ", fault);
  }
  for (const auto& [name, region] : daemon.table().regions()) {
    const std::string fault = GoOnWithRegion(&chip, *region);
    if (!fault.empty()) return absl::StrCat("region ", name, ": ", fault);
  }
  const std::string fault = OpenOneMore(daemon, &chip);
  if (!fault.empty()) return absl::StrCat("one more channel: ", fault);
  daemon.table().Audit();
  return FindFault(daemon);
}

}  // namespace l3link
