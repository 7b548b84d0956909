// Lanes of random shapes under random operations of both sides, compared after each with a plain queue of messages.
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/host/testing/lane_memory.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

constexpr int kShapes = 60;
constexpr int kStepsAShape = 2000;  // 120,000 operations a direction

struct Sent {
  uint64_t sequence;
  uint32_t route;
  uint64_t correlation_id;
  std::string payload;
};

class LaneModelTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ChannelConfig config;
    config.lane.lane_depth = 1u << (random_() % 5);
    config.lane.max_message_bytes = 1 + random_() % 200;
    config.lane.alignment = 8u << (random_() % 4);
    config.lane.checksum = random_() % 2 == 0;
    const uint64_t largest = l3_align_up(config.lane.max_message_bytes, config.lane.alignment);
    config.lane.ring_bytes = 2 * largest + random_() % 4 * config.lane.alignment;
    channel_ = arena_.table->OpenChannel("model", *CompleteChannelConfig(config, ObjectLimits()))->object;
    chip_ = arena_.Attach();
    l3_object object;
    ASSERT_EQ(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "model", &object), L3_OK);
    ASSERT_EQ(l3_channel_open(&chip_, &object, &view_), L3_OK);
  }

  std::string RandomPayload() {
    const uint32_t most = channel_->config().lane.max_message_bytes;
    const uint32_t bytes = random_() % 8 == 0 ? most : random_() % (most + 1);
    std::string payload(bytes, '\0');
    for (char& c : payload) c = static_cast<char>(random_());
    return payload;
  }

  Sent NewMessage() { return {next_++, static_cast<uint32_t>(random_()), random_(), RandomPayload()}; }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  TestArena arena_;
  std::shared_ptr<HostChannel> channel_;
  l3_chip chip_;
  l3_channel view_;
  uint64_t next_ = 0;
};

void ExpectSame(const l3_message& message, const Sent& sent) {
  ASSERT_EQ(message.sequence, sent.sequence);
  ASSERT_EQ(message.route, sent.route);
  ASSERT_EQ(message.correlation_id, sent.correlation_id);
  ASSERT_EQ(absl::string_view(reinterpret_cast<const char*>(message.payload), message.payload_bytes), sent.payload);
}

TEST_P(LaneModelTest, HostToChip) {
  LaneProducer& lane = *channel_->lane(Direction::kHostToChip, 0).producer;
  l3_receiver receiver;
  ASSERT_EQ(l3_receiver_open(&view_, 0, &receiver), L3_OK);
  std::deque<Sent> staged, published, taken;
  for (int step = 0; step < kStepsAShape; ++step) {
    switch (random_() % 5) {
      case 0:
      case 1: {
        const Sent message = NewMessage();
        const LaneResult result = lane.Stage({message.route, message.correlation_id, AsBytes(message.payload)});
        ASSERT_NE(result, LaneResult::kPoisoned) << lane.poison()->evidence;
        if (result == LaneResult::kOk) {
          staged.push_back(message);
        } else {
          --next_;
          ASSERT_FALSE(staged.empty() && published.empty() && taken.empty()) << "an empty lane is never full";
        }
        ASSERT_LE(staged.size() + published.size() + taken.size(), lane.geometry().lane_depth);
        break;
      }
      case 2:
        lane.Publish();
        for (; !staged.empty(); staged.pop_front()) published.push_back(staged.front());
        break;
      case 3: {
        l3_message message;
        const int code = l3_take(&receiver, &message);
        ASSERT_EQ(code, published.empty() ? L3_AGAIN : L3_OK) << "step " << step;
        if (code != L3_OK) break;
        ExpectSame(message, published.front());
        taken.push_back(published.front());
        published.pop_front();
        break;
      }
      case 4: {
        const uint64_t count = random_() % (taken.size() + 1);
        ASSERT_EQ(l3_release(&receiver, count), L3_OK);
        taken.erase(taken.begin(), taken.begin() + static_cast<ptrdiff_t>(count));
        ASSERT_EQ(lane.PollConsumed(), LaneResult::kOk);
        ASSERT_EQ(lane.consumed(), next_ - staged.size() - published.size() - taken.size());
        break;
      }
    }
  }
  ASSERT_TRUE(lane.CheckOwnWords());
}

TEST_P(LaneModelTest, ChipToHost) {
  LaneConsumer& lane = *channel_->lane(Direction::kChipToHost, 0).consumer;
  l3_sender sender;
  ASSERT_EQ(l3_sender_open(&view_, 0, &sender), L3_OK);
  std::deque<Sent> staged, waiting, delivered;  // waiting: published, to be handed out
  uint64_t ever = 0;
  for (int step = 0; step < kStepsAShape; ++step) {
    switch (random_() % 7) {
      case 0:
      case 1: {
        const Sent message = NewMessage();
        uint8_t* place;
        const int code = l3_reserve(&sender, static_cast<uint32_t>(message.payload.size()), &place);
        if (code == L3_OK) {
          std::memcpy(place, message.payload.data(), message.payload.size());
          ASSERT_EQ(l3_stage(&sender, message.correlation_id, message.route), L3_OK);
          staged.push_back(message);
        } else {
          ASSERT_EQ(code, L3_AGAIN);
          --next_;
          ASSERT_FALSE(staged.empty() && waiting.empty() && delivered.empty()) << "an empty lane is never full";
        }
        break;
      }
      case 2:
        l3_publish(&sender);
        for (; !staged.empty(); staged.pop_front()) waiting.push_back(staged.front());
        break;
      case 3:
      case 4: {
        ASSERT_EQ(lane.Look(), waiting.empty() ? LaneResult::kEmpty : LaneResult::kOk);
        MessageHeader header;
        if (lane.Next(&header) != LaneResult::kOk) {
          ASSERT_FALSE(lane.poison().has_value()) << lane.poison()->evidence;
          break;
        }
        std::string payload(header.payload_bytes, '\0');
        const size_t half = random_() % (payload.size() + 1);
        auto* bytes = reinterpret_cast<std::byte*>(payload.data());
        const size_t rest = half < payload.size() ? half : 0;
        if (rest > 0) {
          ASSERT_EQ(lane.CopyNext({bytes, rest}), LaneResult::kOk);
        }
        ASSERT_EQ(lane.CopyNext({bytes + rest, payload.size() - rest}), LaneResult::kOk);
        const Sent& sent = waiting.front();
        ASSERT_EQ(header.sequence, sent.sequence);
        ASSERT_EQ(header.route, sent.route);
        ASSERT_EQ(header.correlation_id, sent.correlation_id);
        ASSERT_EQ(header.redelivered, sent.sequence < ever);
        ASSERT_EQ(payload, sent.payload);
        lane.Advance();
        ever = std::max(ever, sent.sequence + 1);
        delivered.push_back(sent);
        waiting.pop_front();
        break;
      }
      case 5: {
        const uint64_t count = random_() % (delivered.size() + 1);
        ASSERT_TRUE(lane.Ack(lane.acked() + count));
        ASSERT_FALSE(lane.Ack(lane.delivered() + 1));
        delivered.erase(delivered.begin(), delivered.begin() + static_cast<ptrdiff_t>(count));
        break;
      }
      case 6: {
        const uint64_t count = random_() % (delivered.size() + 1);
        lane.Rewind(lane.delivered() - count);
        for (uint64_t i = 0; i < count; ++i) {
          waiting.push_front(delivered.back());
          delivered.pop_back();
        }
        break;
      }
    }
    ASSERT_EQ(lane.delivered() - lane.acked(), delivered.size());
  }
  ASSERT_TRUE(lane.CheckOwnWords());
}

INSTANTIATE_TEST_SUITE_P(Shapes, LaneModelTest, testing::Range(0, kShapes));

}  // namespace
}  // namespace l3link
