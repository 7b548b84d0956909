// Words of the two sides are on lines of their own, and each side stores on its own: neither slows the other's loads.
#include <gtest/gtest.h>

#include <string>

#include "backends/host/lane_consumer.h"
#include "backends/host/lane_producer.h"
#include "backends/host/testing/lane_memory.h"

namespace l3link {
namespace {

const LaneGeometry kShape{4, 16, 64, 8, false};

uintptr_t LineOf(const void* word) { return reinterpret_cast<uintptr_t>(word) / L3_LINE_BYTES; }

template <typename Line>
std::string Bytes(const Line& line) {
  return std::string(reinterpret_cast<const char*>(&line), sizeof(line));
}

TEST(LaneLinesTest, HeadTailAndDescriptorsShareNone) {
  LaneMemory memory(kShape);
  ASSERT_EQ(reinterpret_cast<uintptr_t>(memory.base()) % L3_LINE_BYTES, 0u) << "lanes begin at a page";
  EXPECT_NE(LineOf(&memory.producer().tail), LineOf(&memory.consumer().head));
  EXPECT_EQ(LineOf(&memory.producer().tail), LineOf(&memory.producer().rung)) << "what one side writes together";
  EXPECT_EQ(LineOf(&memory.producer().tail), LineOf(&memory.producer().seen));
  EXPECT_EQ(LineOf(&memory.consumer().head), LineOf(&memory.consumer().rung));
  EXPECT_EQ(LineOf(&memory.consumer().head), LineOf(&memory.consumer().seen));
  EXPECT_GT(LineOf(&memory.slot(0)), LineOf(&memory.consumer().head));
}

TEST(LaneLinesTest, AConsumerStoresOnItsOwn) {
  LaneMemory memory(kShape);
  LaneConsumer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.Put(0, 0, "hello");
  memory.SetTail(1);
  memory.producer().rung = 1;
  const std::string producers = Bytes(memory.producer());
  const std::string descriptor = Bytes(memory.slot(0));
  ASSERT_EQ(lane.Look(), LaneResult::kOk);
  MessageHeader header;
  std::string payload(5, '\0');
  ASSERT_EQ(lane.Next(&header), LaneResult::kOk);
  ASSERT_EQ(lane.CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(payload.data()), 5)), LaneResult::kOk);
  lane.Advance();
  ASSERT_TRUE(lane.Ack(1));
  EXPECT_TRUE(lane.NoticeRing());
  EXPECT_TRUE(lane.CheckOwnWords());
  EXPECT_EQ(memory.consumer().head, 1u);
  EXPECT_EQ(memory.consumer().seen, 1u);
  EXPECT_TRUE(Bytes(memory.producer()) == producers);
  EXPECT_TRUE(Bytes(memory.slot(0)) == descriptor);
}

TEST(LaneLinesTest, AProducerStoresOnItsOwn) {
  LaneMemory memory(kShape);
  LaneProducer lane(memory.base(), kShape, &memory.bell, &memory.journal);
  memory.consumer().rung = 1;
  std::string consumers = Bytes(memory.consumer());
  ASSERT_EQ(lane.Stage({0, 0, AsBytes("hello")}), LaneResult::kOk);
  lane.Publish();
  ASSERT_EQ(lane.LookForRoom(), LaneResult::kOk);
  EXPECT_TRUE(Bytes(memory.consumer()) == consumers);
  memory.SetHead(1);
  consumers = Bytes(memory.consumer());
  ASSERT_EQ(lane.PollConsumed(), LaneResult::kOk);
  EXPECT_TRUE(lane.NoticeRing());
  EXPECT_TRUE(lane.CheckOwnWords());
  EXPECT_EQ(memory.producer().tail, 1u);
  EXPECT_EQ(memory.producer().seen, 1u);
  EXPECT_TRUE(Bytes(memory.consumer()) == consumers);
}

}  // namespace
}  // namespace l3link
