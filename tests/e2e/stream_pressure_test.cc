// Rings and windows under pressure on a real node: nothing is lost, nothing blocks what must go on.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

constexpr char kBoth[] = "attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } ";

// Both rings of an echo are filled until nothing more is taken; then three ttls pass, in which the client only renews; then
// everything is received, once and in order.
TEST(StreamPressureTest, HoldsOutWithBothRingsFullAndThenDeliversAll) {
  ChannelBench bench("echo", "lane_depth: 8 max_message_bytes: 64");
  RawStream stream(*bench.channels);
  stream.Send(std::string(kBoth) + "lease_ttl { seconds: 1 } receive_window { messages: 1 } }");
  const uint32_t window = stream.ReceiveAttached().send_window().messages();
  uint64_t sent = 0;
  uint64_t published = 0;
  uint64_t delivered = 0;
  uint64_t token = 0;
  v1::StreamResponse frame;
  auto note = [&] {
    if (frame.has_progress()) published = frame.progress().published();
    if (frame.has_messages()) delivered += static_cast<uint64_t>(frame.messages().messages_size());
  };
  // Fills: whatever the window allows is sent; a renewal that comes back shows that all of it was looked at.
  for (uint64_t before = UINT64_MAX; before != sent || delivered == 0;) {  // the chip may still be on its way
    before = sent;
    v1::StreamRequest request;
    request.mutable_messages()->set_first_sequence(sent);
    for (; sent < published + window && request.messages().messages_size() < 512; ++sent) {
      request.mutable_messages()->add_messages()->set_data(std::to_string(sent));
    }
    ASSERT_TRUE(stream.Send(request));
    ASSERT_TRUE(stream.Send("renew { token: " + std::to_string(++token) + " }"));
    do {
      ASSERT_TRUE(stream.Receive(&frame));
      note();
    } while (!frame.has_renewed());
  }
  EXPECT_EQ(delivered, 1u);  // the receive window
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ASSERT_TRUE(stream.Send("renew { token: " + std::to_string(++token) + " }"));
    do {
      ASSERT_TRUE(stream.Receive(&frame));
      note();
    } while (!frame.has_renewed());
  }
  EXPECT_EQ(delivered, 1u);
  for (uint64_t next = 1; next <= sent;) {
    ASSERT_TRUE(stream.Send("ack { through: " + std::to_string(next) + " }"));
    if (next == sent) break;
    do {
      ASSERT_TRUE(stream.Receive(&frame));
    } while (!frame.has_messages());
    ASSERT_EQ(frame.messages().first_sequence(), next);
    for (const v1::Message& message : frame.messages().messages()) ASSERT_EQ(message.data(), std::to_string(next++));
  }
  stream.Send("detach { }");
  EXPECT_TRUE(stream.Finish().ok());
}

TEST(StreamPressureTest, EndsAStreamThatSendsBeyondItsWindow) {
  ChannelBench bench("vector_add", "lane_depth: 4 max_message_bytes: 1024");  // a chip that takes no messages
  RawStream stream(*bench.channels);
  stream.Send("attach { channel { name: 'c' } host_to_chip { lane: 0 } }");
  const v1::Window window = stream.ReceiveAttached().send_window();
  v1::StreamRequest request;
  request.mutable_messages()->set_unsequenced(true);
  for (int i = 0; i < 512; ++i) request.mutable_messages()->add_messages()->set_data(std::string(1024, 'x'));
  const uint64_t frames = window.bytes() / (512 * 1024) + 1;
  for (uint64_t i = 0; i < frames; ++i) stream.Send(request);
  const grpc::Status end = stream.Finish();
  EXPECT_EQ(ReasonOf(end), "WINDOW_EXCEEDED");
  EXPECT_EQ(MetadataOf(end, "window_bytes"), std::to_string(window.bytes()));
  EXPECT_EQ(MetadataOf(end, "published"), "4");
}

TEST(StreamPressureTest, ServesManyStreamsAtOnce) {
  constexpr int kStreams = 256;
  const std::string lanes = std::to_string(kStreams);
  ChannelBench bench(
      "echo", "lane_depth: 4 max_message_bytes: 64 host_to_chip_lanes: " + lanes + " chip_to_host_lanes: " + lanes);
  std::vector<std::unique_ptr<RawStream>> streams;
  for (int i = 0; i < kStreams; ++i) {
    streams.push_back(std::make_unique<RawStream>(*bench.channels));
    streams[i]->Send("attach { channel { name: 'c' } host_to_chip { any_free: true } chip_to_host { route: " +
                     std::to_string(i) + " } auto_ack: true }");
    EXPECT_EQ(streams[i]->ReceiveAttached().host_to_chip().lane(), static_cast<uint32_t>(i));
  }
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < kStreams; ++i) {
      streams[i]->Send("messages { unsequenced: true messages { text: '" + std::to_string(i * round) + "' } }");
    }
    for (int i = 0; i < kStreams; ++i) {
      const v1::StreamResponse echo = streams[i]->ReceiveOf(v1::StreamResponse::kMessages);
      ASSERT_EQ(echo.messages().messages_size(), 1);
      EXPECT_EQ(echo.messages().messages(0).data(), std::to_string(i * round));
      EXPECT_EQ(echo.messages().first_sequence(), static_cast<uint64_t>(round));
    }
  }
  for (auto& stream : streams) stream->HalfClose();
  for (auto& stream : streams) EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace l3link
