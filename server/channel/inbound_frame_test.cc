#include "server/channel/inbound_frame.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/statusor.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr FrameLimits kLimits{/*max_message_bytes=*/8, /*max_frame_bytes=*/16};

v1::Messages Frame(const std::string& text) {
  v1::Messages frame;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
  return frame;
}

absl::StatusOr<FrameShape> CheckText(const std::string& text) {
  const v1::Messages frame = Frame(text);
  return CheckFrame(frame, FramePayload::Of(frame), kLimits);
}

absl::Status Check(const std::string& text) { return CheckText(text).status(); }

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const auto refusal = RefusalOf(status);
  if (!refusal.has_value()) return "no refusal";
  for (const auto& [name, value] : refusal->metadata) {
    if (name == key) return value;
  }
  return "";
}

TEST(InboundFrameTest, TakesEveryForm) {
  for (const char* frame : {
           "",
           "messages { text: 'abcdefgh' } messages { hex: '00ff' }",
           "packed { sizes: [8, 0] payloads: 'abcdefgh' }",
           "packed { sizes: [1, 1] routes: [1, 2] correlation_ids: [3, 4] payloads: 'ab' }",
           "fragment { total_bytes: 8 offset: 4 data: 'abcd' }",
           "fragment { }",
       }) {
    EXPECT_TRUE(Check(frame).ok()) << frame << ": " << Check(frame);
  }
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
    const auto shape = CheckText(c.frame);
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
    const absl::Status status = CheckText(c.frame).status();
    EXPECT_TRUE(IsRefusal(status, c.reason)) << c.frame << status;
    EXPECT_EQ(MetadataOf(status, "index"), c.index) << c.frame;
    EXPECT_EQ(status.message(), c.message) << c.frame;
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

struct Row {
  const char* name;
  const char* frame;
  Reason reason;
};

class InboundFrameRefusalTest : public testing::TestWithParam<Row> {};

TEST_P(InboundFrameRefusalTest, Refuses) {
  const absl::Status status = Check(GetParam().frame);
  EXPECT_TRUE(IsRefusal(status, GetParam().reason)) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Frames, InboundFrameRefusalTest,
    testing::Values(
        Row{"TwoForms", "messages { text: 'a' } packed { sizes: 1 payloads: 'a' }", Reason::kMALFORMED_FRAME},
        Row{"SizesBeyondPayloads", "packed { sizes: [2, 2] payloads: 'abc' }", Reason::kMALFORMED_FRAME},
        Row{"PayloadsBeyondSizes", "packed { sizes: [2] payloads: 'abc' }", Reason::kMALFORMED_FRAME},
        Row{"TooFewRoutes", "packed { sizes: [1, 1] routes: [1] payloads: 'ab' }", Reason::kMALFORMED_FRAME},
        Row{"TooManyCorrelationIds", "packed { sizes: 1 correlation_ids: [1, 2] payloads: 'a' }",
            Reason::kMALFORMED_FRAME},
        Row{"LargePacked", "packed { sizes: 9 payloads: 'abcdefghi' }", Reason::kMESSAGE_TOO_LARGE},
        Row{"LargeText", "messages { text: 'abcdefghi' }", Reason::kMESSAGE_TOO_LARGE},
        Row{"LargeFragment", "fragment { total_bytes: 9 data: 'a' }", Reason::kMESSAGE_TOO_LARGE},
        Row{"FragmentBeyondItsTotal", "fragment { total_bytes: 4 offset: 2 data: 'abc' }", Reason::kMALFORMED_FRAME},
        Row{"FragmentFarBeyondItsTotal", "fragment { total_bytes: 4 offset: 18446744073709551615 data: 'ab' }",
            Reason::kMALFORMED_FRAME},
        Row{"FragmentWithoutData", "fragment { total_bytes: 4 }", Reason::kMALFORMED_FRAME},
        Row{"OddHex", "messages { hex: '0' }", Reason::kMALFORMED_FRAME},
        Row{"TooMuchPayload", "packed { sizes: [8, 8, 1] payloads: 'abcdefghabcdefgha' }", Reason::kMALFORMED_FRAME}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace l3link
