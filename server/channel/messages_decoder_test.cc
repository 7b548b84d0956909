// Frames that the decoder takes mean what Protobuf's parser says, and it takes what Protobuf's libraries write.
#include "server/channel/messages_decoder.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace l3link {
namespace {

using google::protobuf::util::MessageDifferencer;

v1::StreamRequest Frame(const std::string& text) {
  v1::StreamRequest frame;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
  return frame;
}

struct Decoded {
  bool taken = false;
  v1::StreamRequest frame;  // with its payload back in place
};

// `piece` bytes come at a time.
Decoded Decode(const std::string& bytes, int piece, v1::StreamRequest frame = {}) {
  google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()), piece);
  FramePayload payload;
  Decoded decoded{DecodeMessages(&in, &frame, &payload), std::move(frame)};
  if (!decoded.taken) return decoded;
  std::string all(payload.size(), '\0');
  payload.Copy({}, payload.size(), reinterpret_cast<std::byte*>(all.data()));
  v1::Messages& messages = *decoded.frame.mutable_messages();
  (messages.has_fragment() ? *messages.mutable_fragment()->mutable_data()
                           : *messages.mutable_packed()->mutable_payloads()) = all;
  return decoded;
}

const char* const kTaken[] = {
    "messages { packed { } }",
    "messages { packed { sizes: [1, 0, 2] payloads: 'abc' } }",
    "messages { first_sequence: 300 packed { sizes: [3] routes: [7] correlation_ids: [9] payloads: 'abc' } ack { "
    "through: 5 } }",
    "messages { unsequenced: true packed { sizes: [0] } ack { } }",
    "messages { packed { sizes: [1] payloads: 'a' } more_follow: true }",
    "messages { packed { sizes: [1] payloads: 'a' } ack { through: 5 } more_follow: true renew_token: 300 }",
    "messages { first_sequence: 18446744073709551615 fragment { offset: 1 total_bytes: 9 route: 2 correlation_id: 3 "
    "data: 'a' } }",
    "messages { fragment { } }",
};

TEST(MessagesDecoderTest, TakesWhatProtobufWritesInWhateverPieces) {
  for (const char* text : kTaken) {
    const std::string bytes = Frame(text).SerializeAsString();
    for (int piece : {1, 2, 3, 7, 1000}) {
      const Decoded decoded = Decode(bytes, piece);
      EXPECT_TRUE(decoded.taken) << text;
      EXPECT_TRUE(MessageDifferencer::Equals(decoded.frame, Frame(text))) << decoded.frame.DebugString();
    }
  }
}

TEST(MessagesDecoderTest, LeavesNothingOfTheFrameBefore) {
  for (const char* before : kTaken) {
    for (const char* text : kTaken) {
      const Decoded decoded = Decode(Frame(text).SerializeAsString(), 4, Frame(before));
      EXPECT_TRUE(MessageDifferencer::Equals(decoded.frame, Frame(text))) << before << decoded.frame.DebugString();
    }
  }
}

TEST(MessagesDecoderTest, LeavesOtherFramesToProtobuf) {
  for (const char* text :
       {"", "attach { }", "renew { token: 1 }", "messages { }", "messages { messages { text: 'a' } }",
        "messages { packed { } fragment { } }", "messages { packed { } progress { } }"}) {
    EXPECT_FALSE(Decode(Frame(text).SerializeAsString(), 5).taken) << text;
  }
  const std::string twice = Frame("messages { packed { payloads: 'a' } }").SerializeAsString();
  EXPECT_FALSE(Decode(twice + twice, 5).taken);
  EXPECT_FALSE(Decode(twice + std::string("\x9a\x06\x00", 3), 5).taken);  // a field that is not known
}

// The payload is where the bytes are.
TEST(MessagesDecoderTest, CopiesNoPayload) {
  const std::string bytes = Frame("messages { packed { sizes: [4] payloads: 'abcd' } }").SerializeAsString();
  google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  v1::StreamRequest frame;
  FramePayload payload;
  ASSERT_TRUE(DecodeMessages(&in, &frame, &payload));
  ASSERT_TRUE(payload.InOnePiece({}, 4));
  EXPECT_EQ(reinterpret_cast<const char*>(payload.View({}, 4).data()), bytes.data() + bytes.size() - 4);
}

TEST(MessagesDecoderTest, TakesNoDamagedFrameForAnotherThanProtobufDoes) {
  std::mt19937 random(7);
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = Frame(kTaken[random() % std::size(kTaken)]).SerializeAsString();
    for (unsigned changes = random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    const Decoded decoded = Decode(bytes, 1 + random() % 9);
    if (!decoded.taken) continue;
    ++taken;
    v1::StreamRequest parsed;
    ASSERT_TRUE(parsed.ParseFromString(bytes));
    ASSERT_TRUE(MessageDifferencer::Equals(decoded.frame, parsed))
        << decoded.frame.DebugString() << parsed.DebugString();
  }
  EXPECT_GT(taken, 10'000);
}

}  // namespace
}  // namespace l3link
