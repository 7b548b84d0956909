// Channels, the same at every layer.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/conformance/layers/layer_suite.h"

namespace l3link {
namespace {

using ChannelLayersTest = LayerTest;

TEST_P(ChannelLayersTest, MessagesOfAllSizesComeBackWithTheirRouteAndId) {
  Start({"echo"});
  const LayerHandle channel = Channel({1, 1, 4, 4096});
  std::string answer;
  for (size_t size : {0, 1, 63, 64, 65, 4095, 4096, 0}) {
    std::string payload(size, '\0');
    for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7 + size);
    ASSERT_EQ(Send(channel, payload, 5, 1000 + size), Outcome::kOk);
    ASSERT_EQ(Recv(channel, &answer), Outcome::kOk);
    EXPECT_TRUE(answer == payload) << size;
    EXPECT_EQ(message_.route, 5u);
    EXPECT_EQ(message_.correlation_id, 1000 + size);
  }
  EXPECT_EQ(layer_->ChannelSend(channel, 0, nullptr, 0, 0, kPatience), Outcome::kOk) << "no data at all";
  EXPECT_EQ(Recv(channel, &answer), Outcome::kOk);
}

TEST_P(ChannelLayersTest, ATimeoutIsToldFromAnError) {
  Start({"vector_add"});  // nobody takes messages
  const LayerHandle channel = Channel({1, 1, 2, 64});
  std::string answer;
  EXPECT_EQ(Recv(channel, &answer, absl::ZeroDuration()), Outcome::kTimedOut);
  EXPECT_EQ(Recv(channel, &answer, absl::Milliseconds(20)), Outcome::kTimedOut);
  EXPECT_EQ(Send(channel, "a", 0, 0, absl::ZeroDuration()), Outcome::kOk);
  EXPECT_EQ(Send(channel, "b", 0, 0, absl::ZeroDuration()), Outcome::kOk);
  uint64_t taken = 2;
  while (Send(channel, "c", 0, 0, absl::Milliseconds(20)) == Outcome::kOk) ASSERT_LE(++taken, layer_->MostTaken(2));
  EXPECT_EQ(Send(channel, "c", 0, 0, absl::Milliseconds(20)), Outcome::kTimedOut);
  EXPECT_EQ(Send(channel, "c", 0, 0, absl::ZeroDuration()), Outcome::kTimedOut);
  EXPECT_EQ(Send(channel, std::string(65, 'x'), 0, 0, absl::ZeroDuration()), Outcome::kTooLarge)
      << "the size is checked before there is room";
}

TEST_P(ChannelLayersTest, WhatWasTakenComesAndWhatTimedOutDoesNot) {
  Start({"echo"});
  const LayerHandle channel = Channel({1, 1, 4, 64});
  uint64_t taken = 0;
  for (int refused = 0; refused < 3;) {  // nobody receives: both directions fill
    const Answer answer = Send(channel, std::to_string(taken), 0, taken, absl::Milliseconds(20));
    if (answer == Outcome::kOk) {
      ++taken;
    } else {
      ASSERT_EQ(answer, Outcome::kTimedOut);
      ++refused;
    }
  }
  EXPECT_GE(taken, 8u);
  std::string answer;
  for (uint64_t i = 0; i < taken; ++i) {
    ASSERT_EQ(Recv(channel, &answer), Outcome::kOk);
    ASSERT_EQ(answer, std::to_string(i));
    ASSERT_EQ(message_.correlation_id, i);
  }
  EXPECT_EQ(Recv(channel, &answer, absl::Milliseconds(20)), Outcome::kTimedOut);
}

TEST_P(ChannelLayersTest, AMessageThatIsTooLargeForItsRoomStays) {
  Start({"echo"});
  const LayerHandle channel = Channel({2, 2, 64, 256});
  ASSERT_EQ(Send(channel, "0123456789", 1, 42), Outcome::kOk);
  char room[10] = {};
  for (size_t capacity : {9, 1, 0}) {
    EXPECT_EQ(layer_->ChannelRecv(channel, room, capacity, &message_, kPatience), Outcome::kTooLarge) << capacity;
    EXPECT_EQ(message_.nbytes, 10u);
    EXPECT_EQ(std::string(room, 10), std::string(10, '\0')) << "nothing was written";
    ASSERT_EQ(Send(channel, "", 0, capacity), Outcome::kOk) << "on the other lane, for whose messages there is room";
  }
  EXPECT_EQ(layer_->ChannelRecv(channel, room, 10, &message_, kPatience), Outcome::kOk);
  EXPECT_EQ(std::string(room, message_.nbytes), "0123456789");
  EXPECT_EQ(message_.correlation_id, 42u);
  for (size_t capacity : {9, 1, 0}) {
    EXPECT_EQ(layer_->ChannelRecv(channel, room, 0, &message_, kPatience), Outcome::kOk);
    EXPECT_EQ(message_.correlation_id, capacity);
  }
}

TEST_P(ChannelLayersTest, OrderHoldsForEachRouteOverSeveralLanes) {
  constexpr uint64_t kMessages = 500;
  constexpr uint32_t kRoutes = 7;
  Start({"echo"});
  const LayerHandle channel = Channel({4, 4, 8, 64});
  std::thread sender([&] {
    for (uint64_t i = 0; i < kMessages; ++i) {
      ASSERT_EQ(Send(channel, std::to_string(i), static_cast<uint32_t>(i % kRoutes), i), Outcome::kOk);
    }
  });
  std::vector<uint64_t> next(kRoutes);
  for (uint32_t route = 0; route < kRoutes; ++route) next[route] = route;
  std::string answer;
  for (uint64_t i = 0; i < kMessages; ++i) {
    ASSERT_EQ(Recv(channel, &answer), Outcome::kOk);
    ASSERT_EQ(answer, std::to_string(message_.correlation_id));
    ASSERT_EQ(message_.correlation_id, next[message_.route]) << "lost, doubled or out of order";
    next[message_.route] += kRoutes;
  }
  sender.join();
  EXPECT_EQ(Recv(channel, &answer, absl::ZeroDuration()), Outcome::kTimedOut);
}

TEST_P(ChannelLayersTest, AWaitingReceiveHoldsUpNobody) {
  Start({"echo"});
  const LayerHandle quiet = Channel();
  const LayerHandle busy = Channel();
  std::atomic<bool> waiting{false};
  std::thread waiter([&] {
    MessageFacts facts;
    char room[64];
    waiting = true;
    EXPECT_EQ(layer_->ChannelRecv(quiet, room, sizeof(room), &facts, kPatience), Outcome::kOk);
    EXPECT_EQ(facts.correlation_id, 9u);
  });
  while (!waiting) std::this_thread::yield();
  std::string answer;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(Send(busy, "x"), Outcome::kOk);
    ASSERT_EQ(Recv(busy, &answer), Outcome::kOk);
  }
  ASSERT_EQ(Send(quiet, "now", 0, 9), Outcome::kOk);
  waiter.join();
}

TEST_P(ChannelLayersTest, ClosingEndsWaitsAndRefusesFurtherUse) {
  Start({"echo"});
  const LayerHandle channel = Channel();
  std::atomic<bool> waiting{false};
  std::thread waiter([&] {
    MessageFacts facts;
    char room[64];
    waiting = true;
    EXPECT_EQ(layer_->ChannelRecv(channel, room, sizeof(room), &facts, kPatience), Outcome::kRefused);
  });
  while (!waiting) std::this_thread::yield();
  EXPECT_EQ(layer_->CloseChannel(channel), Outcome::kOk);
  waiter.join();
  EXPECT_EQ(layer_->CloseChannel(channel), Outcome::kRefused) << "twice";
  std::string answer;
  EXPECT_EQ(Send(channel, "x"), Outcome::kRefused);
  EXPECT_EQ(Recv(channel, &answer, absl::ZeroDuration()), Outcome::kRefused);
  const LayerHandle other = Channel();
  ASSERT_EQ(Send(other, "as before"), Outcome::kOk);
  ASSERT_EQ(Recv(other, &answer), Outcome::kOk);
  EXPECT_EQ(answer, "as before");
}

TEST_P(ChannelLayersTest, ShapesAreChecked) {
  Start({"echo"});
  LayerHandle channel = 0;
  EXPECT_EQ(layer_->OpenChannel({1, 1, 3, 64}, &channel), Outcome::kRefused) << "no power of two";
  EXPECT_EQ(layer_->OpenChannel({1, 1, 1u << 31, 64}, &channel), Outcome::kRefused);
  EXPECT_EQ(layer_->OpenChannel({1, 1, 8, UINT32_MAX}, &channel), Outcome::kRefused);
  EXPECT_EQ(layer_->OpenChannel({UINT32_MAX, 1, 8, 64}, &channel), Outcome::kRefused);
}

INSTANTIATE_TEST_SUITE_P(Layers, ChannelLayersTest,
                         testing::Combine(testing::ValuesIn(AllLayers()), testing::Values("a2a3sim", "a5sim")),
                         LayerTestName);

class UnsupportedLayersTest : public LayerTest {};

TEST_P(UnsupportedLayersTest, RefuseEveryOpenAndSayWhy) {
  Start({});
  LayerHandle handle = 0;
  for (const Answer& answer : {layer_->OpenChannel({}, &handle), layer_->OpenSharedMemory(64, 2, &handle)}) {
    EXPECT_EQ(answer, Outcome::kUnsupported);
    EXPECT_NE(answer.words.find("not supported on a5"), std::string::npos) << answer;
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, UnsupportedLayersTest,
                         testing::Combine(testing::ValuesIn(AllLayers()), testing::Values("a5")), LayerTestName);

}  // namespace
}  // namespace l3link
