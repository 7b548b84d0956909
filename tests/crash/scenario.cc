#include "tests/crash/scenario.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"
#include "backends/host/testing/lane_memory.h"

namespace l3link {
namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "the scenario cannot be set up: %s\n", what);
  abort();
}

// Of every size from 1 to 64, so that some cross the end of the ring.
std::string Payload(absl::string_view kind, int number) {
  std::string text = absl::StrCat(kind, " ", number, " ");
  return text.append((number * 29) % 53, static_cast<char>('a' + number % 26));
}

l3_channel View(l3_chip* chip, const std::string& name) {
  l3_object object;
  l3_channel view;
  Require(l3_find_by_name(chip, L3_OBJECT_CHANNEL, name.c_str(), &object) == L3_OK, "find a channel");
  Require(l3_channel_open(chip, &object, &view) == L3_OK, "open a channel");
  return view;
}

}  // namespace

ChannelConfig CrashChannelConfig(uint32_t lanes, bool checksum) {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = lanes;
  config.lane.lane_depth = 4;
  config.lane.max_message_bytes = 64;
  config.lane.ring_bytes = 256;
  config.lane.alignment = 8;
  config.lane.checksum = checksum;
  return *CompleteChannelConfig(config, ObjectLimits());
}

RegionConfig CrashRegionConfig() {
  RegionConfig config;
  config.data_bytes = 100;
  config.signal_writers = {SignalWriter::kHost, SignalWriter::kChip, SignalWriter::kBoth, SignalWriter::kHost};
  return *CompleteRegionConfig(config, 4, ObjectLimits());
}

void SendToChip(LaneProducer& lane, const std::string& text) {
  Require(lane.Stage({7, 70 + lane.published(), AsBytes(text)}) == LaneResult::kOk, "send");
  lane.Publish();
}

bool ReceiveFromChip(LaneConsumer& lane, std::string* text) {
  MessageHeader header;
  if (lane.Look() == LaneResult::kPoisoned || lane.Next(&header) != LaneResult::kOk) return false;
  text->assign(header.payload_bytes, '?');
  if (lane.CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(text->data()), text->size())) != LaneResult::kOk)
    return false;
  lane.Advance();
  return true;
}

Scenario::Scenario(CrashFiles* files) : daemon_(files) {
  const absl::Status status = daemon_.Start();
  Require(status.ok(), status.ToString().c_str());
  OpenObjects();
  RunSessions();
  RunToChip("text", 9, 2);
  RunToChip("summed", 6, 1);
  RunFromChip("text");
  RunFromChip("summed");
  to_chip_record_->Published(daemon_.producer("text").published());
  from_chip_record_->Acked(daemon_.consumer("text").acked());
  daemon_.table().CloseChannel(daemon_.channel("gone"));
  l3_store_relaxed_u32(&chip_.arena->to_chip.armed, 1);  // the chip sleeps: every ring reaches its doorbell
}

void Scenario::OpenObjects() {
  ObjectTable& table = daemon_.table();
  Require(table.OpenChannel("text", CrashChannelConfig(2, false)).ok(), "open text");
  Require(table.OpenChannel("gone", CrashChannelConfig(1, false)).ok(), "open gone");
  Require(table.OpenRegion("notes", CrashRegionConfig()).ok(), "open notes");
  Require(table.OpenChannel("summed", CrashChannelConfig(1, true)).ok(), "open summed");
  chip_ = daemon_.Attach();
  Require(table.ResetLane(daemon_.channel("text"), Direction::kHostToChip, 1).ok(), "reset");
  HostRegion& notes = daemon_.region("notes");
  notes.Write(3, AsBytes("what was written"));
  l3_object object;
  l3_region view;
  Require(l3_find_by_name(&chip_, L3_OBJECT_REGION, "notes", &object) == L3_OK, "find notes");
  for (uint32_t signal : {0, 2, 3}) Require(notes.Notify({signal, NotifyOp::kSet, 40 + signal}).ok(), "notify");
  Require(l3_region_open(&chip_, &object, &view) == L3_OK, "open the region as a chip");  // has looked: is rung again
}

void Scenario::RunSessions() {
  auto record_of = [&](Direction direction) {
    HostLane& lane = daemon_.channel("text").lane(direction, 0);
    auto record = std::make_unique<LaneRecord>(LaneKey{1, direction, 0}, lane.journal.get());
    record->Grant("earlier", {1, absl::Seconds(30), "uid:1"});
    return record;
  };
  to_chip_record_ = record_of(Direction::kHostToChip);
  from_chip_record_ = record_of(Direction::kChipToHost);
  SendToChip(daemon_.producer("text"), "of the earlier session");
  to_chip_record_->Published(1);
  to_chip_record_->Grant("holder", {2, absl::Seconds(30), "uid:2"});
  from_chip_record_->Grant("holder", {2, absl::Seconds(30), "uid:2"});
}

void Scenario::RunToChip(const std::string& channel, int messages, int left) {
  l3_channel view = View(&chip_, channel);
  l3_receiver receiver;
  Require(l3_receiver_open(&view, 0, &receiver) == L3_OK, "open a receiver");
  LaneProducer& lane = daemon_.producer(channel);
  for (int i = 0; i < messages; ++i) {
    SendToChip(lane, Payload(channel, i));
    l3_message message;
    while (lane.published() - receiver.released > static_cast<uint64_t>(left)) {
      Require(l3_take(&receiver, &message) == L3_OK && l3_release(&receiver, 1) == L3_OK, "take");
    }
    Require(lane.LookForRoom() == LaneResult::kOk, "look for room");
  }
  (void)l3_receiver_look(&receiver);  // so that it is rung again
}

void Scenario::RunFromChip(const std::string& channel) {
  l3_channel view = View(&chip_, channel);
  l3_sender sender;
  Require(l3_sender_open(&view, 0, &sender) == L3_OK, "open a sender");
  LaneConsumer& lane = daemon_.consumer(channel);
  for (int i = 0; i < 10; ++i) {
    const std::string text = Payload("answer", i);
    l3_message message = {};
    message.correlation_id = static_cast<uint64_t>(i);
    message.payload = reinterpret_cast<const uint8_t*>(text.data());
    message.payload_bytes = static_cast<uint32_t>(text.size());
    Require(l3_send(&sender, &message) == L3_OK, "answer");
    std::string received;
    if (i > 6) continue;
    Require(ReceiveFromChip(lane, &received) && received == text, "receive");
    lane.JournalDelivered();
    if (i < 6) Require(lane.Ack(lane.delivered()), "ack");
  }
  (void)l3_sender_look(&sender);
}

}  // namespace l3link
