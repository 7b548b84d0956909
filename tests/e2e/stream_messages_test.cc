// Messages through a real node and its echo chip: every form and size; and what the node refuses.
#include <gtest/gtest.h>

#include <string>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

constexpr char kBoth[] = "attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } ";

class StreamMessagesTest : public ::testing::Test {
 protected:
  grpc::Status EndOf(const std::string& attach, const std::string& frame) {
    RawStream stream(*bench_.channels);
    stream.Send(attach);
    stream.ReceiveAttached();
    stream.Send(frame);
    return stream.Finish();
  }

  ChannelBench bench_{"echo", "lane_depth: 8 max_message_bytes: 1000"};
};

TEST_F(StreamMessagesTest, EchoesEveryFormWithSequenceRouteAndCorrelation) {
  RawStream stream(*bench_.channels);
  stream.Send(std::string(kBoth) + "form: FORM_TEXT }");
  stream.ReceiveAttached();
  stream.Send("messages { messages { text: 'hi' route: 7 correlation_id: 70 } messages { hex: 'fF00' } messages { } }");
  uint64_t next = 0;
  std::vector<v1::Message> echoes;
  while (echoes.size() < 3) {
    const v1::StreamResponse frame = stream.ReceiveOf(v1::StreamResponse::kMessages);
    ASSERT_EQ(frame.messages().first_sequence(), next);
    for (const v1::Message& message : frame.messages().messages()) {
      EXPECT_EQ(message.sequence(), next++);
      echoes.push_back(message);
    }
  }
  EXPECT_EQ(echoes[0].text(), "hi");
  EXPECT_EQ(echoes[0].route(), 7u);
  EXPECT_EQ(echoes[0].correlation_id(), 70u);
  EXPECT_EQ(echoes[1].hex(), "ff00");
  EXPECT_EQ(echoes[2].text(), "");
  stream.Send("ack { through: 3 }");
  stream.Send("detach { }");
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_CHIP_TO_HOST, 0).consumed(), 3u);
}

TEST_F(StreamMessagesTest, RefusesFramesThatContradictThemselves) {
  const std::string attach = std::string(kBoth) + "}";
  const std::pair<std::string, const char*> rows[] = {
      {"messages { packed { sizes: 3 payloads: 'ab' } }", "MALFORMED_FRAME"},
      {"messages { packed { sizes: [1, 1] routes: 1 payloads: 'ab' } }", "MALFORMED_FRAME"},
      {"messages { packed { sizes: [1, 1] correlation_ids: [1, 2, 3] payloads: 'ab' } }", "MALFORMED_FRAME"},
      {"messages { packed { sizes: [4294967295, 3] payloads: 'ab' } }", "MESSAGE_TOO_LARGE"},
      {"messages { packed { } messages { } }", "MALFORMED_FRAME"},
      {"messages { messages { hex: '0' } }", "MALFORMED_FRAME"},
      {"messages { messages { hex: '0x' } }", "MALFORMED_FRAME"},
      {"messages { fragment { offset: 1 total_bytes: 3 data: 'a' } }", "MALFORMED_FRAME"},
      {"messages { fragment { offset: 2 total_bytes: 3 data: 'ab' } }", "MALFORMED_FRAME"},
      {"messages { fragment { total_bytes: 1001 data: 'ab' } }", "MESSAGE_TOO_LARGE"},
      {"messages { messages { data: '" + std::string(1001, 'x') + "' } }", "MESSAGE_TOO_LARGE"},
      {"messages { first_sequence: 5 messages { } }", "SEQUENCE_GAP"},
      {"ack { through: 1 }", "ACK_BEYOND_DELIVERED"},
      {"", "MALFORMED_FRAME"},
  };
  for (const auto& [frame, reason] : rows) {
    // The session has no name of the client's: its lanes are free again for the next one.
    EXPECT_EQ(ReasonOf(EndOf(attach + " ", frame)), reason) << frame;
  }
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_HOST_TO_CHIP, 0).published(), 0u);  // nothing of any of them
}

TEST_F(StreamMessagesTest, RefusesADirectionThatIsNotHeld) {
  EXPECT_EQ(ReasonOf(EndOf("attach { channel { name: 'c' } chip_to_host { lane: 0 } session_id: 'a' }",
                           "messages { messages { } }")),
            "DIRECTION_NOT_HELD");
  EXPECT_EQ(ReasonOf(EndOf("attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 'b' }", "ack { }")),
            "DIRECTION_NOT_HELD");
}

TEST_F(StreamMessagesTest, DeliversAgainWhatWasNotAcknowledged) {
  {
    RawStream stream(*bench_.channels);
    stream.Send(std::string(kBoth) + "session_id: 'me' }");
    stream.ReceiveAttached();
    stream.Send("messages { messages { text: 'a' } messages { text: 'b' } messages { text: 'c' } }");
    uint64_t got = 0;
    while (got < 3) {
      const v1::StreamResponse frame = stream.ReceiveOf(v1::StreamResponse::kMessages);
      got = frame.messages().first_sequence() + static_cast<uint64_t>(frame.messages().messages_size());
    }
    stream.Send("ack { through: 1 }");
    stream.Send("renew { token: 1 }");
    stream.ReceiveOf(v1::StreamResponse::kRenewed);
    stream.Cancel();
    stream.Finish();
  }
  RawStream back(*bench_.channels);
  back.Send(std::string(kBoth) + "session_id: 'me' resume: true resume_acked: 2 }");
  const v1::Attached attached = back.ReceiveAttached();
  EXPECT_EQ(attached.chip_to_host().next_sequence(), 2u);
  EXPECT_EQ(attached.chip_to_host().redelivered_through(), 3u);
  const v1::StreamResponse frame = back.ReceiveOf(v1::StreamResponse::kMessages);
  ASSERT_EQ(frame.messages().messages_size(), 1);
  EXPECT_EQ(frame.messages().messages(0).data(), "c");
  EXPECT_TRUE(frame.messages().messages(0).redelivered());
}

// Grows with the messages: its own node.
TEST(StreamLargeMessagesTest, CarriesMessagesFromNoBytesToSixteenMebibytes) {
  ChannelBench bench("echo", "lane_depth: 2 max_message_bytes: 16777216");
  RawStream stream(*bench.channels);
  stream.Send("attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } form: FORM_PACKED }");
  const v1::Attached attached = stream.ReceiveAttached();
  ASSERT_GE(attached.send_window().bytes(), 16777216u);
  uint64_t sequence = 0;
  for (size_t bytes : {size_t{0}, size_t{1}, size_t{1048575}, size_t{1048577}, size_t{16777216}}) {
    std::string sent(bytes, '\0');
    for (size_t i = 0; i < bytes; ++i) sent[i] = static_cast<char>(i * 31 + bytes);
    v1::StreamRequest frame;
    frame.mutable_messages()->set_first_sequence(sequence);
    v1::Fragment* fragment = frame.mutable_messages()->mutable_fragment();
    fragment->set_total_bytes(bytes);
    fragment->set_correlation_id(bytes);
    for (size_t offset = 0; offset == 0 || offset < bytes; offset += 1000000) {
      fragment->set_offset(offset);
      fragment->set_data(sent.substr(offset, 1000000));
      ASSERT_TRUE(stream.Send(frame));
    }
    std::string received;
    for (bool whole = false; !whole;) {
      const v1::StreamResponse answer = stream.ReceiveOf(v1::StreamResponse::kMessages);
      ASSERT_EQ(answer.messages().first_sequence(), sequence);
      if (answer.messages().has_fragment()) {
        EXPECT_EQ(answer.messages().fragment().offset(), received.size());
        EXPECT_EQ(answer.messages().fragment().correlation_id(), bytes);
        received += answer.messages().fragment().data();
        whole = received.size() == bytes;
      } else {
        received = answer.messages().packed().payloads();
        whole = true;
      }
    }
    EXPECT_TRUE(received == sent) << bytes;
    stream.Send("ack { through: " + std::to_string(++sequence) + " }");
  }
  stream.Send("detach { }");
  EXPECT_TRUE(stream.Finish().ok());
}

}  // namespace
}  // namespace l3link
