// A host thread against a chip thread on the same lanes, spinning: what the memory orders promise, under ThreadSanitizer.
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

constexpr uint64_t kMessages = 100000;

// Takes each message and answers it with its payload on the other lane, in batches as they come.
void EchoOnChip(l3_channel* view) {
  l3_receiver receiver;
  l3_sender sender;
  if (l3_receiver_open(view, 0, &receiver) != L3_OK || l3_sender_open(view, 0, &sender) != L3_OK) std::abort();
  for (uint64_t echoed = 0; echoed < kMessages;) {
    l3_message message;
    if (l3_take(&receiver, &message) != L3_OK) {
      std::this_thread::yield();
      continue;
    }
    while (l3_send(&sender, &message) != L3_OK) std::this_thread::yield();
    if (l3_release(&receiver, 1) != L3_OK) std::abort();
    ++echoed;
  }
}

class LaneThreadsTest : public testing::TestWithParam<uint32_t> {};

TEST_P(LaneThreadsTest, EveryMessageComesBackOnceAndInOrder) {
  TestArena arena;
  ChannelConfig config;
  config.lane.lane_depth = GetParam();
  config.lane.max_message_bytes = 40;
  config.lane.checksum = true;
  std::shared_ptr<HostChannel> channel =
      arena.table->OpenChannel("threads", *CompleteChannelConfig(config, ObjectLimits()))->object;
  l3_chip chip = arena.Attach();
  l3_object object;
  l3_channel view;
  ASSERT_EQ(l3_find_by_name(&chip, L3_OBJECT_CHANNEL, "threads", &object), L3_OK);
  ASSERT_EQ(l3_channel_open(&chip, &object, &view), L3_OK);
  std::thread chip_thread(EchoOnChip, &view);

  LaneProducer& out = *channel->lane(Direction::kHostToChip, 0).producer;
  LaneConsumer& in = *channel->lane(Direction::kChipToHost, 0).consumer;
  uint64_t sent = 0, received = 0;
  while (received < kMessages) {
    const uint64_t before = sent + received;
    while (sent < kMessages && out.Stage({0, sent, AsBytes(absl::StrCat("message ", sent))}) == LaneResult::kOk) ++sent;
    out.Publish();
    MessageHeader header;
    while (in.Poll() == LaneResult::kOk && in.Next(&header) == LaneResult::kOk) {
      std::string payload(header.payload_bytes, '\0');
      ASSERT_EQ(in.CopyNext({reinterpret_cast<std::byte*>(payload.data()), payload.size()}), LaneResult::kOk);
      in.Advance();
      ASSERT_EQ(payload, absl::StrCat("message ", received));
      ASSERT_EQ(header.correlation_id, received);
      ++received;
      ASSERT_TRUE(in.Ack(received));
    }
    ASSERT_FALSE(in.poison().has_value()) << in.poison()->evidence;
    ASSERT_FALSE(out.poison().has_value()) << out.poison()->evidence;
    if (sent + received == before) std::this_thread::yield();
  }
  chip_thread.join();
}

INSTANTIATE_TEST_SUITE_P(Depths, LaneThreadsTest, testing::Values(1, 2, 64));

}  // namespace
}  // namespace l3link
