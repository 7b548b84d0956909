#include "client/send_queue.h"

#include <random>
#include <string>
#include <vector>

#include "client/errors.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

constexpr SendQueue::Limits kLimits = {
    .window_messages = 8, .window_bytes = 1 << 20, .max_message_bytes = 1 << 20, .max_frame_bytes = 4096};

SendQueue Attached(const SendQueue::Limits& limits = kLimits, uint64_t next = 0) {
  SendQueue queue;
  EXPECT_TRUE(queue.Attach(next, next, limits, std::nullopt).ok());
  return queue;
}

void PushAll(SendQueue& queue, std::vector<std::string> payloads) {
  for (const std::string& payload : payloads) queue.Push({payload});
}

// "first:count" of every packed frame, "first@offset" of every fragment.
std::vector<std::string> SendAll(SendQueue& queue) {
  std::vector<std::string> sent;
  while (const RequestFrame frame = queue.NextFrame()) {
    const v1::Messages& messages = frame->messages();
    const std::string first = std::to_string(messages.first_sequence());
    sent.push_back(messages.has_fragment() ? first + "@" + std::to_string(messages.fragment().offset())
                                           : first + ":" + std::to_string(messages.packed().sizes_size()));
  }
  return sent;
}

using Frames = std::vector<std::string>;

TEST(SendQueueTest, CollectsUntilTheFrameIsTaken) {
  SendQueue queue = Attached(kLimits, 5);
  PushAll(queue, {"a", "b", "c"});
  EXPECT_EQ(SendAll(queue), (Frames{"5:3"}));
  PushAll(queue, {"d"});
  EXPECT_EQ(SendAll(queue), (Frames{"8:1"}));
  EXPECT_EQ(queue.next_sequence(), 9u);
  EXPECT_EQ(SendAll(queue), Frames{});
}

TEST(SendQueueTest, HasRoomUntilTheWindowIsFullAndAfterPublishing) {
  SendQueue queue = Attached();
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(queue.HasRoom(1));
    queue.Push({"x"});
  }
  EXPECT_FALSE(queue.HasRoom(0));
  SendAll(queue);
  EXPECT_TRUE(queue.OnProgress(3, 1).ok());
  EXPECT_TRUE(queue.HasRoom(1));
  EXPECT_EQ(queue.published(), 3u);
  EXPECT_EQ(queue.consumed(), 1u);
}

TEST(SendQueueTest, CountsTheBytesOfPartlyPublishedFrames) {
  SendQueue::Limits limits = kLimits;
  limits.window_bytes = 100;
  SendQueue queue = Attached(limits);
  PushAll(queue, {std::string(60, 'a'), std::string(40, 'b')});
  EXPECT_FALSE(queue.HasRoom(1));
  SendAll(queue);
  EXPECT_TRUE(queue.OnProgress(1, 0).ok());
  EXPECT_TRUE(queue.HasRoom(60));
  EXPECT_FALSE(queue.HasRoom(61));
  EXPECT_TRUE(queue.OnProgress(2, 0).ok());
  EXPECT_TRUE(queue.HasRoom(100));
}

TEST(SendQueueTest, TakesOneMessageLargerThanTheWindow) {
  SendQueue::Limits limits = kLimits;
  limits.window_bytes = 10;
  SendQueue queue = Attached(limits);
  EXPECT_TRUE(queue.HasRoom(1000));
  PushAll(queue, {std::string(1000, 'x')});
  EXPECT_FALSE(queue.HasRoom(0));
  EXPECT_EQ(SendAll(queue), (Frames{"0:1"}));
}

TEST(SendQueueTest, BeginsAnotherFrameAtTheFrameLimit) {
  SendQueue queue = Attached();
  PushAll(queue, {std::string(2000, 'a'), std::string(1800, 'b'), std::string(2000, 'c')});
  EXPECT_EQ(SendAll(queue), (Frames{"0:2", "2:1"}));
}

TEST(SendQueueTest, KeepsFramesWithinTheNodesLimit) {
  SendQueue queue = Attached(
      {.window_messages = 10'000, .window_bytes = 1 << 20, .max_message_bytes = 1 << 16, .max_frame_bytes = 4096});
  for (int i = 0; i < 5'000; ++i) queue.Push({std::string(i % 50, 'x'), 0xffffffffu, ~uint64_t{0}});
  PushAll(queue, {std::string(4096 - kFrameOverheadBytes - kMessageOverheadBytes, 'y'), std::string(60'000, 'z')});
  int frames = 0;
  for (; const RequestFrame frame = queue.NextFrame(); ++frames) EXPECT_LE(frame->ByteSizeLong(), 4096u);
  EXPECT_GT(frames, 20);
}

// A batch is nothing but its messages: the same are taken, in the same frames.
TEST(SendQueueTest, TakesABatchAsItTakesItsMessages) {
  std::mt19937 random(7);
  const auto next = [&random](size_t bound) { return random() % bound; };
  for (int round = 0; round < 2'000; ++round) {
    const SendQueue::Limits limits = {.window_messages = 1 + next(40),
                                      .window_bytes = 100 + next(30'000),
                                      .max_message_bytes = 6'000,
                                      .max_frame_bytes = 4096};
    SendQueue one_by_one = Attached(limits, 3);
    SendQueue batched = Attached(limits, 3);
    std::vector<std::string> payloads;
    for (size_t i = next(60); i > 0; --i) payloads.emplace_back(next(8) == 0 ? next(7'000) : next(64), 'p');
    std::vector<OutgoingMessage> messages;
    for (const std::string& payload : payloads) messages.push_back({payload, static_cast<uint32_t>(next(3)), next(2)});
    const uint64_t most = next(3) == 0 ? next(20) : UINT64_MAX;
    size_t taken = 0;
    for (const OutgoingMessage& message : messages) {
      if (!one_by_one.CheckMessage(message).ok() || !one_by_one.HasRoom(message.payload.size())) break;
      if (one_by_one.unpublished() >= most) break;
      one_by_one.Push(message);
      ++taken;
    }
    ASSERT_EQ(batched.PushWhatFits(messages, most), taken);
    while (const RequestFrame frame = one_by_one.NextFrame()) {
      const RequestFrame same = batched.NextFrame();
      ASSERT_NE(same, nullptr);
      ASSERT_EQ(same->SerializeAsString(), frame->SerializeAsString());
    }
    ASSERT_EQ(batched.NextFrame(), nullptr);
    ASSERT_EQ(batched.HasRoom(50), one_by_one.HasRoom(50));
  }
}

TEST(SendQueueTest, CutsLargeMessagesIntoFragments) {
  SendQueue queue = Attached();
  PushAll(queue, {"small", std::string(9000, 'L'), "after"});
  EXPECT_EQ(SendAll(queue), (Frames{"0:1", "1@0", "1@3000", "1@6000", "2:1"}));
  EXPECT_TRUE(queue.OnProgress(1, 0).ok());
  EXPECT_FALSE(queue.all_published());
  EXPECT_TRUE(queue.OnProgress(3, 0).ok());
  EXPECT_TRUE(queue.all_published());
}

TEST(SendQueueTest, ResendsFromWhereTheNodeStands) {
  SendQueue queue = Attached();
  PushAll(queue, {"a", "b", "c"});
  SendAll(queue);
  PushAll(queue, {"d", "e"});
  ASSERT_TRUE(queue.Resume(1, 0, kLimits).ok());
  const RequestFrame first = queue.NextFrame();
  EXPECT_EQ(first->messages().first_sequence(), 1u);
  EXPECT_EQ(first->messages().packed().payloads(), "bc");
  EXPECT_EQ(SendAll(queue), (Frames{"3:2"}));
  EXPECT_TRUE(queue.OnProgress(5, 0).ok());
  EXPECT_TRUE(queue.all_published());
}

TEST(SendQueueTest, RestartsABrokenLargeMessageAtItsFirstFragment) {
  SendQueue queue = Attached();
  PushAll(queue, {"a", std::string(9000, 'L')});
  queue.NextFrame();
  queue.NextFrame();
  ASSERT_TRUE(queue.Resume(1, 0, kLimits).ok());
  EXPECT_EQ(SendAll(queue), (Frames{"1@0", "1@3000", "1@6000"}));
}

TEST(SendQueueTest, SendsPiecewiseIntoASmallerWindowAfterAResume) {
  SendQueue queue = Attached();
  PushAll(queue, {"a", "b", "c", "d", "e"});
  SendAll(queue);
  SendQueue::Limits smaller = kLimits;
  smaller.window_messages = 2;
  ASSERT_TRUE(queue.Resume(0, 0, smaller).ok());
  EXPECT_EQ(SendAll(queue), (Frames{"0:2"}));
  ASSERT_TRUE(queue.OnProgress(1, 0).ok());
  EXPECT_EQ(SendAll(queue), Frames{});
  ASSERT_TRUE(queue.OnProgress(2, 0).ok());
  EXPECT_EQ(SendAll(queue), (Frames{"2:2"}));
  ASSERT_TRUE(queue.OnProgress(4, 0).ok());
  EXPECT_EQ(SendAll(queue), (Frames{"4:1"}));
}

TEST(SendQueueTest, SkipsWhatTheNodeHasFromBefore) {
  SendQueue queue;
  ASSERT_TRUE(queue.Attach(3, 0, kLimits, 1).ok());
  PushAll(queue, {"one", "two"});
  EXPECT_TRUE(queue.all_published());
  EXPECT_EQ(SendAll(queue), Frames{});
  PushAll(queue, {"three"});
  EXPECT_FALSE(queue.all_published());
  EXPECT_EQ(SendAll(queue), (Frames{"3:1"}));
}

TEST(SendQueueTest, ResumesInTheMiddleOfWhatItSkips) {
  SendQueue queue;
  ASSERT_TRUE(queue.Attach(3, 0, kLimits, 1).ok());
  PushAll(queue, {"one"});
  EXPECT_TRUE(queue.Resume(3, 0, kLimits).ok());
  EXPECT_EQ(SendAll(queue), Frames{});
}

TEST(SendQueueTest, RefusesToBeginBeyondTheNode) {
  SendQueue queue;
  EXPECT_TRUE(HasReason(queue.Attach(3, 0, kLimits, 4), v1::SEQUENCE_GAP));
}

TEST(SendQueueTest, RefusesANodeThatWentBackOrAhead) {
  SendQueue queue = Attached();
  PushAll(queue, {"a", "b"});
  SendAll(queue);
  ASSERT_TRUE(queue.OnProgress(2, 0).ok());
  EXPECT_EQ(queue.Resume(1, 0, kLimits).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(queue.Resume(3, 0, kLimits).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(queue.OnProgress(3, 0).code(), absl::StatusCode::kDataLoss);
}

TEST(SendQueueTest, RefusesWhatNoLaneTakes) {
  const absl::Status status = Attached().CheckMessage({std::string((1 << 20) + 1, 'x')});
  EXPECT_TRUE(HasReason(status, v1::MESSAGE_TOO_LARGE));
  EXPECT_EQ(MetadataOf(status)["max_message_bytes"], "1048576");
}

// Every message arrives once and in order, whatever the node publishes and wherever the connection breaks.
TEST(SendQueueTest, LosesNothingOverManyBreaks) {
  uint64_t random = 12345;
  const auto next = [&random](uint64_t bound) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % bound;
  };
  SendQueue::Limits limits = kLimits;
  SendQueue queue = Attached(limits);
  uint64_t parked = 0;  // sequences the node has got
  uint64_t published = 0;
  for (int step = 0; step < 200'000; ++step) {
    switch (next(8)) {
      case 0: {
        limits.window_messages = 1 + next(16);
        limits.window_bytes = 500 + next(20'000);
        ASSERT_TRUE(queue.Resume(published, 0, limits).ok());
        parked = published;
        break;
      }
      case 1:
      case 2:
      case 3: {
        const std::string payload(next(10) == 0 ? next(9'000) : next(64), 'p');
        if (queue.HasRoom(payload.size())) queue.Push({payload, 0, queue.next_sequence()});
        break;
      }
      case 4:
        published += next(parked - published + 1);
        ASSERT_TRUE(queue.OnProgress(published, 0).ok());
        break;
      default: {
        const RequestFrame frame = queue.NextFrame();
        if (frame == nullptr) break;
        const v1::Messages& messages = frame->messages();
        ASSERT_EQ(messages.first_sequence(), parked);
        if (messages.has_fragment()) {
          const v1::Fragment& fragment = messages.fragment();
          ASSERT_EQ(fragment.correlation_id(), parked);
          if (fragment.offset() + fragment.data().size() == fragment.total_bytes()) ++parked;
          break;
        }
        for (int i = 0; i < messages.packed().sizes_size(); ++i, ++parked) {
          ASSERT_EQ(messages.packed().correlation_ids_size() > 0 ? messages.packed().correlation_ids(i) : 0, parked);
        }
        ASSERT_LE(parked - published, std::max<uint64_t>(limits.window_messages, 1));
      }
    }
  }
  EXPECT_GT(published, 10'000u);
}

}  // namespace
}  // namespace l3link::client
