// Send, Receive and Ack on a real node: momentary leases, waiting, exactly once by session and sequence.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

class UnaryLanesTest : public ::testing::Test {
 protected:
  template <typename Request>
  static Request Parse(const std::string& text) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString("channel { name: 'c' } " + text, &request)) << text;
    return request;
  }
  grpc::Status Send(const std::string& text) {
    grpc::ClientContext context;
    return bench_.channels->Send(&context, Parse<v1::SendRequest>(text), &sent_);
  }
  grpc::Status Receive(const std::string& text) {
    grpc::ClientContext context;
    return bench_.channels->Receive(&context, Parse<v1::ReceiveRequest>(text), &received_);
  }
  grpc::Status Ack(const std::string& text) {
    grpc::ClientContext context;
    return bench_.channels->Ack(&context, Parse<v1::AckRequest>(text), &acked_);
  }

  ChannelBench bench_{"echo", "host_to_chip_lanes: 2 chip_to_host_lanes: 2 lane_depth: 4 max_message_bytes: 64"};
  v1::SendResponse sent_;
  v1::ReceiveResponse received_;
  v1::AckResponse acked_;
};

TEST_F(UnaryLanesTest, SendsByRouteAndReceivesFromAllLanes) {
  ASSERT_TRUE(
      Send("messages { text: 'a' route: 2 } messages { text: 'b' route: 5 } messages { text: 'c' route: 4 }").ok());
  EXPECT_EQ(sent_.sent(), 3u);
  EXPECT_EQ(sent_.sequences(2), 1u);  // the second of lane 0
  std::string seen;
  while (seen.size() < 3) {
    ASSERT_TRUE(Receive("max_messages: 8 timeout { seconds: 60 }").ok());
    ASSERT_GT(received_.messages_size(), 0);
    for (const v1::Message& message : received_.messages()) {
      EXPECT_EQ(message.lane(), message.route() % 2);
      seen += message.text();
    }
  }
  EXPECT_LT(seen.find('a'), seen.find('c'));
  ASSERT_TRUE(Receive("").ok());  // one probe
  EXPECT_EQ(received_.messages_size(), 0);
}

TEST_F(UnaryLanesTest, RedeliversUntilAcknowledged) {
  ASSERT_TRUE(Send("messages { text: 'a' } messages { text: 'b' }").ok());
  do {
    ASSERT_TRUE(Receive("lane: 0 max_messages: 2 ack: false timeout { seconds: 60 }").ok());
  } while (received_.messages_size() < 2);
  ASSERT_TRUE(Receive("lane: 0 max_messages: 2 ack: false").ok());
  ASSERT_EQ(received_.messages_size(), 2);
  EXPECT_TRUE(received_.messages(0).redelivered());
  EXPECT_EQ(ReasonOf(Ack("lane: 0 through: 3")), "ACK_BEYOND_DELIVERED");
  ASSERT_TRUE(Ack("lane: 0 through: 1").ok());
  EXPECT_EQ(acked_.consumed(), 1u);
  ASSERT_TRUE(Receive("lane: 0 max_messages: 2").ok());
  ASSERT_EQ(received_.messages_size(), 1);
  EXPECT_EQ(received_.messages(0).text(), "b");
}

TEST_F(UnaryLanesTest, LeavesAMessageThatIsNotText) {
  ASSERT_TRUE(Send("messages { hex: 'ff' }").ok());
  ASSERT_EQ(ReasonOf(Receive("lane: 0 form: FORM_TEXT timeout { seconds: 60 }")), "NOT_UTF8");
  ASSERT_TRUE(Receive("lane: 0 timeout { seconds: 60 }").ok());
  ASSERT_EQ(received_.messages_size(), 1);
  EXPECT_EQ(received_.messages(0).hex(), "ff");
}

TEST_F(UnaryLanesTest, RefusesALaneThatAStreamHolds) {
  RawStream stream(*bench_.channels);
  stream.Send("attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } session_id: 'me' }");
  stream.ReceiveAttached();
  const grpc::Status refused = Send("messages { text: 'a' }");
  EXPECT_EQ(ReasonOf(refused), "LANE_HELD");
  EXPECT_EQ(MetadataOf(refused, "holder"), "me");
  EXPECT_EQ(ReasonOf(Receive("lane: 0")), "LANE_HELD");
  EXPECT_EQ(ReasonOf(Ack("lane: 0")), "LANE_HELD");
  EXPECT_TRUE(Receive("").ok());  // the other lane
  EXPECT_TRUE(Send("messages { text: 'a' route: 1 }").ok());
}

TEST_F(UnaryLanesTest, SendsExactlyOnceBySessionAndSequence) {
  const std::string first = "session_id: 's' sequence: 0 messages { text: 'a' } messages { text: 'b' }";
  ASSERT_TRUE(Send(first).ok());
  ASSERT_TRUE(Send(first).ok());  // again, as after a lost answer
  EXPECT_EQ(sent_.sent(), 2u);
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_HOST_TO_CHIP, 0).published(), 2u);
  ASSERT_TRUE(Send("session_id: 's' sequence: 1 messages { text: 'b' } messages { text: 'c' }").ok());
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_HOST_TO_CHIP, 0).published(), 3u);
  EXPECT_EQ(ReasonOf(Send("session_id: 's' sequence: 9 messages { text: 'x' }")), "SEQUENCE_GAP");
  EXPECT_EQ(ReasonOf(Send("session_id: 't' sequence: 1 messages { text: 'x' }")), "SESSION_UNKNOWN");
  ASSERT_TRUE(Send("messages { text: 'another' }").ok());
  EXPECT_TRUE(Send(first).ok());  // still known
  const grpc::Status lost = Send("session_id: 's' sequence: 3 messages { text: 'd' }");
  EXPECT_EQ(ReasonOf(lost), "SESSION_LOST");
  EXPECT_EQ(MetadataOf(lost, "published"), "3");
}

TEST_F(UnaryLanesTest, CountsWhatDidNotFit) {
  std::string many;
  for (int i = 0; i < 32; ++i) many += "messages { text: 'x' } ";
  ASSERT_TRUE(Send(many).ok());
  EXPECT_LT(sent_.sent(), 32u);
  const auto waiting = [&](v1::Direction direction) {
    const v1::LaneState lane = bench_.Lane(direction, 0);
    return lane.published() - lane.consumed();
  };
  // Until both rings are full, the chip may still take one and make room.
  while (waiting(v1::DIRECTION_CHIP_TO_HOST) < 4 || waiting(v1::DIRECTION_HOST_TO_CHIP) < 4)
    (void)Send("messages { text: 'y' }");
  EXPECT_EQ(ReasonOf(Send("messages { text: 'z' } timeout { nanos: 1000000 }")), "WOULD_BLOCK");
  std::thread receiver([&] {
    grpc::ClientContext context;
    v1::ReceiveResponse response;
    EXPECT_TRUE(
        bench_.channels->Receive(&context, Parse<v1::ReceiveRequest>("lane: 0 max_messages: 4"), &response).ok());
  });
  EXPECT_TRUE(Send("messages { text: 'z' } timeout { seconds: 60 }").ok());
  receiver.join();
}

TEST_F(UnaryLanesTest, RefusesWhatIsWrongInTheRequest) {
  EXPECT_EQ(ReasonOf(Send("")), "INVALID_ARGUMENT_FIELD");
  EXPECT_EQ(ReasonOf(Send("messages { hex: 'x' }")), "MALFORMED_FRAME");
  EXPECT_EQ(ReasonOf(Send("messages { data: '" + std::string(65, 'x') + "' }")), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(ReasonOf(Send("sequence: 1 messages { }")), "INVALID_ARGUMENT_FIELD");
  EXPECT_EQ(ReasonOf(Send("session_id: 's' sequence: 0 messages { } messages { route: 1 }")), "INVALID_ARGUMENT_FIELD");
  EXPECT_EQ(ReasonOf(Receive("lane: 2")), "LANE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Receive("form: FORM_PACKED")), "INVALID_ARGUMENT_FIELD");
  EXPECT_EQ(ReasonOf(Ack("lane: 2")), "LANE_NOT_FOUND");
}

TEST_F(UnaryLanesTest, RefusesANegativeTimeoutNamingFieldAndRemedy) {
  v1::CloseChannelRequest close;
  close.mutable_channel()->set_name("c");
  close.mutable_timeout()->set_seconds(-1);
  v1::CloseChannelResponse closed;
  grpc::ClientContext context;
  for (const grpc::Status& refused :
       {Send("messages { text: 'a' } timeout { seconds: -1 }"), Receive("timeout { nanos: -1 }"),
        bench_.channels->CloseChannel(&context, close, &closed)}) {
    EXPECT_EQ(ReasonOf(refused), "INVALID_ARGUMENT_FIELD");
    EXPECT_EQ(MetadataOf(refused, "field"), "timeout");
    EXPECT_NE(refused.error_message().find(" is negative, must be 0 or more; 0 "), std::string::npos)
        << refused.error_message();
  }
  EXPECT_EQ(bench_.Lane(v1::DIRECTION_HOST_TO_CHIP, 0).published(), 0u) << "nothing was sent, nothing closed";
}

TEST_F(UnaryLanesTest, EndsAtTheCallsOwnDeadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  const grpc::Status status =
      bench_.channels->Receive(&context, Parse<v1::ReceiveRequest>("timeout { seconds: 3600 }"), &received_);
  EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) << ReasonOf(status);
}

}  // namespace
}  // namespace l3link
