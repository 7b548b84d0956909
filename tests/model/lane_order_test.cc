// One lane between a host thread and a chip thread, without its doorbell: nothing but tail and head says what may be read and
// what overwritten. ThreadSanitizer then sees each of their memory orders at the first message that crosses, however the
// threads are scheduled; with rings or a lane back, those would order for them.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/host/testing/lane_memory.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

constexpr uint64_t kMessages = 2000;

std::string TextOf(uint64_t i) { return absl::StrCat("message ", i); }

// Whether there was a message: its payload is copied out of the ring, and given back.
bool TakeOnChip(l3_receiver* receiver, std::string* text) {
  l3_message message;
  if (l3_take(receiver, &message) != L3_OK) return false;
  text->assign(reinterpret_cast<const char*>(message.payload), message.payload_bytes);
  return l3_release(receiver, 1) == L3_OK;
}

class LaneOrderTest : public testing::TestWithParam<uint32_t> {
 protected:
  LaneOrderTest() : chip_(arena_.Attach()) {
    ChannelConfig config;
    config.lane.lane_depth = GetParam();
    config.lane.max_message_bytes = 40;
    channel_ = arena_.table->OpenChannel("order", *CompleteChannelConfig(config, ObjectLimits()))->object;
    l3_object object;
    EXPECT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "order", &object), L3_OK);
    EXPECT_EQ(l3_channel_open(&chip_, &object, &view_), L3_OK);
  }

  // The ringer finds a looker that has not looked since the last ring, and leaves it alone.
  static void Silence(uint32_t* seen, uint32_t rung) { l3_store_relaxed_u32(seen, rung - 1); }

  TestArena arena_;
  l3_chip chip_;
  l3_channel view_;
  std::shared_ptr<HostChannel> channel_;
};

TEST_P(LaneOrderTest, TailAndHeadAloneOrderWhatGoesToTheChip) {
  LaneProducer& out = *channel_->lane(Direction::kHostToChip, 0).producer;
  l3_receiver receiver;
  ASSERT_EQ(l3_receiver_open(&view_, 0, &receiver), L3_OK);
  Silence(&receiver.lane.consumer->seen, receiver.lane.seen);
  uint64_t wrong = 0;
  std::thread chip_thread([&] {
    std::string text;
    for (uint64_t i = 0; i < kMessages;) {
      if (TakeOnChip(&receiver, &text)) {
        wrong += text != TextOf(i++);
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (uint64_t i = 0; i < kMessages;) {
    if (out.Stage({0, i, AsBytes(TextOf(i))}) == LaneResult::kOk) {
      out.Publish();
      ++i;
    } else {
      std::this_thread::yield();
    }
  }
  chip_thread.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(receiver.lane.producer->rung, 0u) << "a ring would order as well";
}

TEST_P(LaneOrderTest, TailAndHeadAloneOrderWhatComesFromTheChip) {
  LaneConsumer& in = *channel_->lane(Direction::kChipToHost, 0).consumer;
  l3_sender sender;
  ASSERT_EQ(l3_sender_open(&view_, 0, &sender), L3_OK);
  Silence(&sender.lane.producer->seen, 0);
  std::thread chip_thread([&] {
    for (uint64_t i = 0; i < kMessages;) {
      const std::string text = TextOf(i);
      l3_message message = {};
      message.payload = reinterpret_cast<const uint8_t*>(text.data());
      message.payload_bytes = static_cast<uint32_t>(text.size());
      if (l3_send(&sender, &message) == L3_OK) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < kMessages;) {
    MessageHeader header;
    if (in.Poll() != LaneResult::kOk || in.Next(&header) != LaneResult::kOk) {
      std::this_thread::yield();
      continue;
    }
    std::string text(header.payload_bytes, '\0');
    wrong += in.CopyNext({reinterpret_cast<std::byte*>(text.data()), text.size()}) != LaneResult::kOk;
    in.Advance();
    wrong += text != TextOf(i++) || !in.Ack(i);
  }
  chip_thread.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(sender.lane.consumer->rung, 0u) << "a ring would order as well";
}

INSTANTIATE_TEST_SUITE_P(Depths, LaneOrderTest, testing::Values(1, 2, 64));

}  // namespace
}  // namespace l3link
