#include "server/channel/inbound_frame.h"

#include <google/protobuf/text_format.h>

#include "backends/host/refusal.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr FrameLimits kLimits{8, 16};

v1::Messages Frame(const std::string& text) {
  v1::Messages frame;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
  return frame;
}

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const auto refusal = RefusalOf(status);
  if (!refusal.has_value()) return "no refusal";
  for (const auto& [name, value] : refusal->metadata) {
    if (name == key) return value;
  }
  return "";
}

TEST(InboundFrameTest, CountsMessagesAndPayloadBytesOfEveryForm) {
  const struct {
    const char* frame;
    FrameForm form;
    uint64_t count, bytes;
  } cases[] = {
      {"", FrameForm::kMessages, 0, 0},
      {"messages { } messages { text: 'h\303\266i' } messages { hex: '00fF' } messages { data: '\\377' }",
       FrameForm::kMessages, 4, 7},
      {"packed { sizes: 0 sizes: 3 payloads: 'abc' routes: 1 routes: 2 }", FrameForm::kPacked, 2, 3},
      {"fragment { total_bytes: 8 offset: 5 data: 'abc' }", FrameForm::kFragment, 1, 3},
  };
  for (const auto& c : cases) {
    const auto shape = CheckFrame(Frame(c.frame), kLimits);
    ASSERT_TRUE(shape.ok()) << c.frame << shape.status();
    EXPECT_EQ(shape->form, c.form) << c.frame;
    EXPECT_EQ(shape->count, c.count) << c.frame;
    EXPECT_EQ(shape->payload_bytes, c.bytes) << c.frame;
  }
}

TEST(InboundFrameTest, NamesTheMessageThatIsWrong) {
  const struct {
    const char* frame;
    Reason reason;
    const char* index;
    const char* message;
  } cases[] = {
      {"messages { } messages { hex: '0' }", Reason::kMALFORMED_FRAME, "1",
       "messages[1]: messages frame: hex: 1 digits, two a byte are needed"},
      {"messages { hex: '0 ' }", Reason::kMALFORMED_FRAME, "0", "messages[0]: messages frame: hex: no hex digit at 1"},
      {"messages { } messages { } messages { text: 'ninebytes' }", Reason::kMESSAGE_TOO_LARGE, "2",
       "messages[2]: message of 9 bytes > max_message_bytes 8"},
      {"packed { sizes: 1 sizes: 9 payloads: 'abcdefghij' }", Reason::kMESSAGE_TOO_LARGE, "1",
       "messages[1]: message of 9 bytes > max_message_bytes 8"},
  };
  for (const auto& c : cases) {
    const absl::Status status = CheckFrame(Frame(c.frame), kLimits).status();
    EXPECT_TRUE(IsRefusal(status, c.reason)) << c.frame << status;
    EXPECT_EQ(MetadataOf(status, "index"), c.index) << c.frame;
    EXPECT_EQ(status.message(), c.message) << c.frame;
  }
}

TEST(InboundFrameTest, RefusesAFrameThatContradictsItself) {
  const char* const frames[] = {
      "messages { } packed { }",
      "packed { sizes: 1 payloads: 'ab' }",
      "packed { sizes: 4294967295 sizes: 1 payloads: '' }",
      "packed { sizes: 1 routes: 1 routes: 2 payloads: 'a' }",
      "packed { sizes: 1 sizes: 0 correlation_ids: 1 payloads: 'a' }",
      "packed { sizes: 8 sizes: 8 sizes: 1 payloads: 'seventeen bytes..' }",
      "fragment { total_bytes: 4 offset: 5 }",
      "fragment { total_bytes: 4 offset: 18446744073709551615 data: 'ab' }",
      "fragment { total_bytes: 4 }",
      "fragment { total_bytes: 9 data: 'a' }",
  };
  for (const char* text : frames) {
    const absl::Status status = CheckFrame(Frame(text), kLimits).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text << status;
  }
}

TEST(InboundFrameTest, DecodesHexAndLeavesOtherBodiesInPlace) {
  std::string scratch;
  const auto text_of = [&](const char* text) {
    const v1::Messages frame = Frame(text);
    const OutgoingMessage out = ToOutgoing(frame.messages(0), &scratch);
    return std::string(reinterpret_cast<const char*>(out.payload.data()), out.payload.size());
  };
  EXPECT_EQ(text_of("messages { hex: '00fF' }"), std::string("\0\xff", 2));
  EXPECT_EQ(text_of("messages { text: 'abc' }"), "abc");
  EXPECT_EQ(text_of("messages { }"), "");
}

}  // namespace
}  // namespace l3link
