// Restarts with lanes in mid-flight: what stands in the arena and agrees with the journal goes on, everything else is poison.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"
#include "backends/host/object_table.h"
#include "backends/host/testing/lane_memory.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

ChannelConfig SmallConfig() {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = 2;
  config.lane.lane_depth = 4;
  config.lane.max_message_bytes = 64;
  return *CompleteChannelConfig(config, ObjectLimits());
}

RegionConfig SmallRegion() {
  RegionConfig config;
  config.data_bytes = 100;
  return *CompleteRegionConfig(config, 4, ObjectLimits());
}

class ObjectRecoveryTest : public testing::Test {
 protected:
  ObjectRecoveryTest() : chip_(arena_.Attach()) {
    EXPECT_TRUE(arena_.table->OpenChannel("text", SmallConfig()).ok());
    l3_object object;
    EXPECT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "text", &object), L3_OK);
    EXPECT_EQ(l3_channel_open(&chip_, &object, &view_), L3_OK);
    EXPECT_EQ(l3_receiver_open(&view_, 0, &receiver_), L3_OK);
    EXPECT_EQ(l3_sender_open(&view_, 0, &sender_), L3_OK);
  }

  HostChannel& channel() { return **arena_.table->FindChannel("text", 0); }
  LaneProducer& producer(uint32_t lane = 0) { return *channel().lane(Direction::kHostToChip, lane).producer; }
  LaneConsumer& consumer(uint32_t lane = 0) { return *channel().lane(Direction::kChipToHost, lane).consumer; }

  void Send(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string text = absl::StrCat("to chip ", sent_++);
      ASSERT_EQ(producer().Stage({3, 4, AsBytes(text)}), LaneResult::kOk);
      producer().Publish();
    }
  }
  std::string Take() {
    l3_message message;
    const int code = l3_take(&receiver_, &message);
    if (code != L3_OK) return absl::StrCat("code ", code);
    std::string text(reinterpret_cast<const char*>(message.payload), message.payload_bytes);
    l3_release(&receiver_, 1);
    return text;
  }
  void Answer(const std::string& text) {
    l3_message message = {};
    message.payload = reinterpret_cast<const uint8_t*>(text.data());
    message.payload_bytes = static_cast<uint32_t>(text.size());
    ASSERT_EQ(l3_send(&sender_, &message), L3_OK);
  }
  // The next message from the chip, counted as delivered.
  std::string Receive(bool* redelivered = nullptr, bool journaled = true) {
    MessageHeader header;
    if (consumer().Look() == LaneResult::kPoisoned || consumer().Next(&header) != LaneResult::kOk) return "nothing";
    std::string text(header.payload_bytes, '?');
    if (consumer().CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()), text.size())) !=
        LaneResult::kOk) {
      return "nothing";
    }
    consumer().Advance();
    if (journaled) consumer().JournalDelivered();
    if (redelivered != nullptr) *redelivered = header.redelivered;
    return text;
  }
  void Restart() {
    const absl::Status status = arena_.Restart();
    ASSERT_TRUE(status.ok()) << status;
  }

  TestArena arena_;
  l3_chip chip_;
  l3_channel view_;
  l3_receiver receiver_;
  l3_sender sender_;
  int sent_ = 0;
};

// A unary receive acknowledges without having journaled that it delivered.
TEST_F(ObjectRecoveryTest, CountsBytesThatWereAcknowledgedWithoutAJournaledDelivery) {
  for (const char* text : {"one", "three", "seven"}) {
    Answer(text);
    EXPECT_EQ(Receive(nullptr, false), text);
  }
  EXPECT_TRUE(consumer().Ack(2));
  Restart();
  EXPECT_EQ(consumer().delivered_bytes(), 8u);  // the third counts when it comes again
  EXPECT_EQ(Receive(), "seven");
  EXPECT_EQ(consumer().delivered_bytes(), 13u);
}

TEST_F(ObjectRecoveryTest, LanesGoOnInMidFlight) {
  for (int round = 0; round < 7; ++round) {  // several times around both rings
    Send(3);
    EXPECT_EQ(Take(), absl::StrCat("to chip ", sent_ - 3));
    Answer(absl::StrCat("a", round));
    Answer(absl::StrCat("b", round));
    EXPECT_EQ(Receive(), absl::StrCat("a", round));
    const uint64_t published_bytes = producer().published_bytes(), delivered_bytes = consumer().delivered_bytes();
    Restart();
    EXPECT_EQ(producer().published(), static_cast<uint64_t>(sent_));
    EXPECT_EQ(producer().consumed(), static_cast<uint64_t>(sent_ - 2));
    EXPECT_EQ(producer().published_bytes(), published_bytes);
    EXPECT_EQ(consumer().delivered_bytes(), delivered_bytes);
    bool redelivered = false;
    EXPECT_EQ(Receive(&redelivered), absl::StrCat("a", round));
    EXPECT_TRUE(redelivered);
    EXPECT_EQ(Receive(&redelivered), absl::StrCat("b", round));
    EXPECT_FALSE(redelivered);
    EXPECT_TRUE(consumer().Ack(consumer().delivered()));
    EXPECT_EQ(Take(), absl::StrCat("to chip ", sent_ - 2));
    EXPECT_EQ(Take(), absl::StrCat("to chip ", sent_ - 1));
    arena_.table->Audit();
    EXPECT_FALSE(producer().poison().has_value()) << producer().poison()->evidence;
    EXPECT_FALSE(consumer().poison().has_value()) << consumer().poison()->evidence;
  }
}

TEST_F(ObjectRecoveryTest, AFullLaneStaysFull) {
  Send(4);
  Restart();
  EXPECT_EQ(producer().Stage({0, 0, AsBytes("one more")}), LaneResult::kFull);
  EXPECT_EQ(Take(), "to chip 0");
  EXPECT_EQ(producer().Stage({0, 0, AsBytes("one more")}), LaneResult::kOk);
}

TEST_F(ObjectRecoveryTest, AnAckWithoutAJournaledDeliveryIsKept) {
  Answer("one");
  MessageHeader header;
  ASSERT_EQ(consumer().Look(), LaneResult::kOk);
  ASSERT_EQ(consumer().Next(&header), LaneResult::kOk);
  std::byte bytes[3];
  ASSERT_EQ(consumer().CopyNext(absl::MakeSpan(bytes)), LaneResult::kOk);
  consumer().Advance();
  ASSERT_TRUE(consumer().Ack(1));
  Restart();
  EXPECT_EQ(consumer().acked(), 1u);
  Answer("two");
  EXPECT_EQ(Receive(), "two");
  Restart();
  EXPECT_EQ(Receive(), "two");
}

TEST_F(ObjectRecoveryTest, ScribbledTailsPoisonTheirLanesOnly) {
  Send(2);
  Answer("one");
  EXPECT_EQ(Receive(), "one");
  l3_store_release_u64(&receiver_.lane.producer->tail, 3);
  l3_store_release_u64(&sender_.lane.producer->tail, 0);
  Restart();
  ASSERT_TRUE(producer().poison().has_value());
  EXPECT_EQ(producer().poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(producer().poison()->evidence, "tail 3, the journal has 2 published and 2 intended");
  ASSERT_TRUE(consumer().poison().has_value());
  EXPECT_EQ(consumer().poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(consumer().poison()->evidence, "tail 0 < 1 delivered");
  EXPECT_FALSE(producer(1).poison().has_value());
  EXPECT_FALSE(consumer(1).poison().has_value());
}

TEST_F(ObjectRecoveryTest, ScribbledHeadsPoison) {
  Send(2);
  Answer("one");
  l3_store_release_u64(&receiver_.lane.consumer->head, 3);
  l3_store_release_u64(&sender_.lane.consumer->head, 1);
  Restart();
  ASSERT_TRUE(producer().poison().has_value());
  EXPECT_EQ(producer().poison()->reason, PoisonReason::kHeadRange);
  ASSERT_TRUE(consumer().poison().has_value());
  EXPECT_EQ(consumer().poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(consumer().poison()->evidence, "head 1 > 0 acked");
}

TEST_F(ObjectRecoveryTest, ARewrittenDeliveredMessageIsEquivocation) {
  Answer("true");
  EXPECT_EQ(Receive(), "true");
  std::memcpy(sender_.lane.ring, "lies", 4);
  Restart();
  EXPECT_EQ(Receive(), "nothing") << "found when it goes out again";
  EXPECT_EQ(consumer().poison()->reason, PoisonReason::kEquivocation);
}

TEST_F(ObjectRecoveryTest, ARewrittenDeliveredDescriptorIsEquivocation) {
  Answer("true");
  EXPECT_EQ(Receive(), "true");
  sender_.lane.slots[0].route = 77;
  Restart();
  ASSERT_TRUE(consumer().poison().has_value());
  EXPECT_EQ(consumer().poison()->reason, PoisonReason::kEquivocation);
}

TEST_F(ObjectRecoveryTest, ARewrittenSlotOfTheHostsIsPoison) {
  Send(2);
  receiver_.lane.slots[1].payload_bytes = 60;
  Restart();
  ASSERT_TRUE(producer().poison().has_value());
  EXPECT_EQ(producer().poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(producer().poison()->evidence, "the last payload ends at 124 instead of 73");
}

TEST_F(ObjectRecoveryTest, PoisonOutlivesRestartsAndAResetClearsIt) {
  Send(1);
  channel().lane(Direction::kHostToChip, 0).SetPoison(PoisonReason::kHeadRange, "by hand");
  for (int i = 0; i < 2; ++i) {
    Restart();
    ASSERT_TRUE(producer().poison().has_value());
    EXPECT_EQ(producer().poison()->reason, PoisonReason::kHeadRange);
  }
  ASSERT_TRUE(arena_.table->ResetLane(channel(), Direction::kHostToChip, 0).ok());
  Restart();
  EXPECT_FALSE(producer().poison().has_value());
  EXPECT_EQ(producer().published(), 0u);
}

TEST_F(ObjectRecoveryTest, RegionsKeepDataAndHostWrittenSignals) {
  std::shared_ptr<HostRegion> region = arena_.table->OpenRegion("notes", SmallRegion())->object;
  region->Write(10, AsBytes("kept"));
  ASSERT_TRUE(region->Notify({0, NotifyOp::kSet, 42}).ok());
  region.reset();
  Restart();
  region = *arena_.table->FindRegion("notes", 0);
  EXPECT_FALSE(region->poison().has_value());
  EXPECT_EQ(region->config(), SmallRegion());
  std::string text(4, '?');
  region->Read(10, absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()), text.size()));
  EXPECT_EQ(text, "kept");
  EXPECT_EQ(region->Load(0), 42u);
  EXPECT_EQ(*region->Notify({0, NotifyOp::kAdd, 1}), 43u);
}

TEST_F(ObjectRecoveryTest, AScribbledSignalIsTheHostsAgain) {
  std::shared_ptr<HostRegion> region = arena_.table->OpenRegion("notes", SmallRegion())->object;
  ASSERT_TRUE(region->Notify({0, NotifyOp::kSet, 42}).ok());
  l3_object object;
  l3_region view;
  ASSERT_EQ(l3_find_by_name(&chip_, L3_OBJECT_REGION, "notes", &object), L3_OK);
  ASSERT_EQ(l3_region_open(&chip_, &object, &view), L3_OK);
  l3_store_release_u64(&view.signals[0].value, 7);
  region.reset();
  Restart();
  uint64_t value;
  ASSERT_EQ(l3_signal_load(&view, 0, &value), L3_OK);
  EXPECT_EQ(value, 42u);
}

TEST_F(ObjectRecoveryTest, QuarantineStaysUntilTheChipAcknowledges) {
  const uint64_t offset = channel().lane(Direction::kHostToChip, 1).offset;
  ASSERT_TRUE(arena_.table->ResetLane(channel(), Direction::kHostToChip, 1).ok());
  ASSERT_TRUE(arena_.table->OpenChannel("other", SmallConfig()).ok());
  arena_.table->CloseChannel(**arena_.table->FindChannel("other", 0));
  const uint64_t quarantined = arena_.table->quarantined_bytes(), used = arena_.table->used_bytes();
  Restart();
  EXPECT_EQ(arena_.table->quarantined_bytes(), quarantined);
  EXPECT_EQ(arena_.table->used_bytes(), used);
  EXPECT_NE(channel().lane(Direction::kHostToChip, 1).offset, offset);
  arena_.table->ReleaseQuarantine(false);
  EXPECT_EQ(arena_.table->quarantined_bytes(), quarantined) << "a restart acknowledges nothing";
  uint64_t version;
  ASSERT_TRUE(l3_directory_changed(&chip_, &version));
  l3_directory_acknowledge(&chip_, version);
  arena_.table->ReleaseQuarantine(false);
  EXPECT_EQ(arena_.table->quarantined_bytes(), 0u);
  Restart();
  EXPECT_EQ(arena_.table->quarantined_bytes(), 0u);
}

TEST_F(ObjectRecoveryTest, ADamagedCatalogueIsDataLoss) {
  auto* entry = reinterpret_cast<CatalogueEntry*>(arena_.journal_memory.memory().data() + sizeof(JournalHead));
  entry->offset += L3_PAGE_BYTES;
  const absl::Status status = arena_.Restart();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(ObjectRecoveryTest, ATornHotRecordLeavesTheOlderOne) {
  Send(2);
  const uint64_t at = channel().block().offset;
  auto* block = reinterpret_cast<LaneBlock*>(arena_.journal_memory.memory().data() + at);
  auto* copies = block->hot.copies;
  auto& newer = copies[0].counter > copies[1].counter ? copies[0] : copies[1];
  newer.crc ^= 1;  // the commit of the second message; its intent is whole, and so is the ring
  Restart();
  EXPECT_FALSE(producer().poison().has_value());
  EXPECT_EQ(producer().published(), 2u);
}

}  // namespace
}  // namespace l3link
