#include "backends/host/lane_consumer.h"

#include <gtest/gtest.h>

#include <functional>

#include "backends/host/testing/lane_memory.h"

namespace l3link {
namespace {

const LaneGeometry kShape{4, 16, 64, 8, false};

// Copies the next message out, in pieces of `piece`; leaves it undelivered.
LaneResult Copy(LaneConsumer& lane, MessageHeader* header, std::string* payload, size_t piece = SIZE_MAX) {
  LaneResult result = lane.Next(header);
  if (result != LaneResult::kOk) return result;
  payload->assign(header->payload_bytes, '?');
  size_t done = 0;
  do {
    const size_t bytes = std::min(piece, payload->size() - done);
    result = lane.CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(payload->data()) + done, bytes));
    done += bytes;
  } while (result == LaneResult::kOk && done < payload->size());
  return result;
}

TEST(LaneConsumerTest, DeliversWhatIsBelowTail) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  EXPECT_EQ(lane.Poll(), LaneResult::kEmpty);
  l3_descriptor& first = memory.Put(0, 0, "hello");
  first.route = 3;
  first.correlation_id = 9;
  memory.Put(1, 8, "");
  memory.SetTail(2);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload, 2), LaneResult::kOk);
  EXPECT_EQ(payload, "hello");
  EXPECT_EQ(header.route, 3u);
  EXPECT_EQ(header.correlation_id, 9u);
  lane.Advance();
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  EXPECT_EQ(header.sequence, 1u);
  EXPECT_EQ(payload, "");
  lane.Advance();
  EXPECT_EQ(lane.Next(&header), LaneResult::kEmpty);
  EXPECT_EQ(lane.delivered_bytes(), 5u);
  EXPECT_EQ(memory.consumer().head, 0u) << "head moves on ack only";
}

TEST(LaneConsumerTest, AckMovesHeadAndRingsAndNeverPassesDelivered) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "a");
  memory.SetTail(1);
  ASSERT_EQ(lane.Look(), LaneResult::kOk);
  EXPECT_FALSE(lane.Ack(1));
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  lane.Advance();
  EXPECT_TRUE(lane.Ack(1));
  EXPECT_EQ(memory.consumer().head, 1u);
  EXPECT_EQ(memory.consumer().rung, 1u);
  EXPECT_TRUE(lane.Ack(0)) << "an old ack has no effect";
  EXPECT_EQ(memory.consumer().head, 1u);
}

struct TailCase {
  const char* name;
  uint64_t tail;
  const char* evidence;
};

class LaneConsumerTailTest : public testing::TestWithParam<TailCase> {};

TEST_P(LaneConsumerTailTest, PoisonsTailRange) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "a");
  memory.SetTail(1);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  memory.SetTail(GetParam().tail);
  ASSERT_EQ(lane.Poll(), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kTailRange);
  EXPECT_EQ(lane.poison()->evidence, GetParam().evidence);
  MessageHeader header;
  EXPECT_EQ(lane.Next(&header), LaneResult::kPoisoned) << "no slot is read";
  memory.SetTail(1);
  EXPECT_EQ(lane.Poll(), LaneResult::kPoisoned) << "sticky";
}

INSTANTIATE_TEST_SUITE_P(Tails, LaneConsumerTailTest,
                         testing::Values(TailCase{"Jumps", 5, "tail 5 > head 0 + lane_depth 4"},
                                         TailCase{"GoesBack", 0, "tail 0 < 1, where it was before"},
                                         TailCase{"Wraps", UINT64_MAX,
                                                  "tail 18446744073709551615 > head 0 + lane_depth 4"}),
                         [](const auto& param) { return param.param.name; });

struct DescriptorCase {
  const char* name;
  std::function<void(l3_descriptor&)> spoil;
  const char* evidence;
};

class LaneConsumerDescriptorTest : public testing::TestWithParam<DescriptorCase> {};

TEST_P(LaneConsumerDescriptorTest, PoisonsDescriptor) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "first");
  GetParam().spoil(memory.Put(1, 8, "second"));
  memory.SetTail(2);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  lane.Advance();
  EXPECT_EQ(lane.Next(&header), LaneResult::kPoisoned);
  ASSERT_TRUE(lane.poison().has_value());
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kDescriptor);
  EXPECT_EQ(lane.poison()->evidence, GetParam().evidence);
  EXPECT_EQ(lane.PeekAt(0, &header, &payload), LaneResult::kOk) << "what is believable can still be looked at";
  EXPECT_TRUE(lane.Ack(1));
  EXPECT_EQ(memory.consumer().head, 0u) << "a poisoned lane gives nothing back";
}

INSTANTIATE_TEST_SUITE_P(
    Words, LaneConsumerDescriptorTest,
    testing::Values(
        DescriptorCase{"Sequence", [](auto& d) { d.sequence = 2; }, "message 1: sequence 2 != 1"},
        DescriptorCase{"Size", [](auto& d) { d.payload_bytes = 17; },
                       "message 1: payload_bytes 17 > max_message_bytes 16"},
        DescriptorCase{"HugeSize", [](auto& d) { d.payload_bytes = UINT32_MAX; },
                       "message 1: payload_bytes 4294967295 > max_message_bytes 16"},
        DescriptorCase{"Place", [](auto& d) { d.payload_position = 16; }, "message 1: payload_position 16 != 8"},
        DescriptorCase{"Unaligned", [](auto& d) { d.payload_position = 9; }, "message 1: payload_position 9 != 8"},
        DescriptorCase{"FarPlace", [](auto& d) { d.payload_position = UINT64_MAX - 7; },
                       "message 1: payload_position 18446744073709551608 != 8"},
        DescriptorCase{"Flags", [](auto& d) { d.flags = 1; }, "message 1: flags 1 != 0"},
        DescriptorCase{"Crc", [](auto& d) { d.crc32c = 7; }, "message 1: crc32c 7 without checksums"},
        DescriptorCase{"Reserved", [](auto& d) { d.reserved[2] = 5; }, "message 1: reserved word 5 != 0"}),
    [](const auto& param) { return param.param.name; });

TEST(LaneConsumerTest, PoisonsAPayloadThatOverrunsUnacknowledgedOnes) {
  LaneMemory memory({4, 16, 32, 8, false});
  LaneConsumer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  const std::string largest(16, 'x');
  memory.Put(0, 0, largest);
  memory.Put(1, 16, largest);
  memory.Put(2, 32, "y");  // over message 0, which is not acknowledged
  memory.SetTail(3);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(lane.Next(&header), LaneResult::kOk);
    lane.Advance();
  }
  ASSERT_EQ(lane.Next(&header), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->evidence, "message 2: payload ends at 33, more than ring_bytes 32 behind 0");
}

TEST(LaneConsumerTest, PoisonsAWrongChecksum) {
  LaneGeometry shape = kShape;
  shape.checksum = true;
  LaneMemory memory(shape);
  LaneConsumer lane(memory.base(), shape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "right");
  memory.Put(1, 8, "wrong").crc32c ^= 1;
  memory.SetTail(2);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  lane.Advance();
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kChecksum);
}

TEST(LaneConsumerTest, RedeliversAfterRewindAndSaysSo) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "a");
  memory.Put(1, 8, "b");
  memory.SetTail(2);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  EXPECT_FALSE(header.redelivered);
  lane.Advance();
  lane.Rewind(0);
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  EXPECT_TRUE(header.redelivered);
  EXPECT_EQ(payload, "a");
  lane.Advance();
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  EXPECT_FALSE(header.redelivered);
  lane.Advance();
  EXPECT_EQ(lane.delivered_bytes(), 2u) << "counted once";
}

TEST(LaneConsumerTest, PoisonsADeliveredPayloadThatWasRewritten) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "true");
  memory.SetTail(1);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  lane.Advance();
  memory.Put(0, 0, "lies");
  lane.Rewind(0);
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kEquivocation);
}

TEST(LaneConsumerTest, PoisonsADeliveredDescriptorThatWasRewritten) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "a");
  memory.SetTail(1);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  lane.Advance();
  memory.slot(0).route = 4;
  lane.Rewind(0);
  ASSERT_EQ(lane.Next(&header), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kEquivocation);
}

TEST(LaneConsumerTest, ADescriptorThatChangesAfterItWasCheckedHasNoEffect) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "hello");
  memory.SetTail(1);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  MessageHeader header;
  ASSERT_EQ(lane.Next(&header), LaneResult::kOk);
  memory.slot(0).payload_bytes = UINT32_MAX;
  memory.slot(0).payload_position = UINT64_MAX;
  std::string payload;
  ASSERT_EQ(Copy(lane, &header, &payload), LaneResult::kOk);
  EXPECT_EQ(payload, "hello");
}

TEST(LaneConsumerTest, LostMemoryIsNeverDelivered) {
  LaneMemory memory(kShape);
  std::atomic<bool> fault{false};
  memory.bell.set_fault_flag(&fault);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "hello");
  memory.SetTail(1);
  ASSERT_EQ(lane.Poll(), LaneResult::kOk);
  fault = true;
  MessageHeader header;
  ASSERT_EQ(lane.Next(&header), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kArenaGone);
}

TEST(LaneConsumerTest, AuditFindsAChangedHead) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  EXPECT_TRUE(lane.CheckOwnWords());
  memory.SetHead(1);
  ASSERT_FALSE(lane.CheckOwnWords());
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kGeometry);
}

TEST(LaneConsumerTest, NoticesARingOnce) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  EXPECT_FALSE(lane.NoticeRing());
  memory.producer().rung = 1;
  EXPECT_TRUE(lane.NoticeRing());
  EXPECT_FALSE(lane.NoticeRing());
  EXPECT_EQ(memory.consumer().seen, 0u) << "noticing asks for nothing";
  EXPECT_EQ(lane.Look(), LaneResult::kEmpty);
  EXPECT_EQ(memory.consumer().seen, 1u);
}

}  // namespace
}  // namespace l3link
