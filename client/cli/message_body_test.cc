#include "client/cli/message_body.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(MessageBodyTest, DecodesHexInEitherCaseWithSpaces) {
  EXPECT_EQ(*DecodeHex("00fF 7e"), std::string("\x00\xff\x7e", 3));
  EXPECT_EQ(*DecodeHex(""), "");
  EXPECT_EQ(DecodeHex("abc").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeHex("0x12").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MessageBodyTest, KnowsUtf8FromWhatOnlyLooksLikeIt) {
  for (const char* good : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xc3g"}) {
    EXPECT_FALSE(IsUtf8(bad)) << bad;
  }
}

TEST(MessageBodyTest, ShowsTextAsTextAndAnythingElseAsHex) {
  EXPECT_EQ(ShowBody("hello", BodyView::kAuto, 60), "hello");
  EXPECT_EQ(ShowBody("\x01\xff", BodyView::kAuto, 60), "hex:01ff");
  EXPECT_EQ(ShowBody("hello", BodyView::kHex, 60), "68656c6c6f");
  EXPECT_EQ(ShowBody("a\x1b[2J", BodyView::kText, 60), "a?[2J");
}

TEST(MessageBodyTest, CutsLongBodiesBetweenCodePoints) {
  EXPECT_EQ(ShowBody("0123456789abc", BodyView::kAuto, 10), "0123456...");
  EXPECT_EQ(ShowBody("012345\xc3\xa9xxxxxx", BodyView::kAuto, 10), "012345...");
  EXPECT_EQ(ShowBody("0123456789", BodyView::kAuto, 10), "0123456789");
  EXPECT_EQ(ShowBody(std::string(100, 'x'), BodyView::kAuto, 0), std::string(100, 'x'));
}

TEST(MessageBodyTest, JsonHasTextOnlyForUtf8) {
  ReceivedMessage message;
  message.body = "hi\n";
  EXPECT_EQ(MessageJson(message, BodyView::kAuto)["text"], "hi\n");
  message.body = "\xff";
  EXPECT_EQ(MessageJson(message, BodyView::kAuto)["hex"], "ff");
  EXPECT_EQ(MessageJson(message, BodyView::kAuto)["bytes"], 1);
}

TEST(MessageBodyTest, ReadsTextsThenHexThenFiles) {
  const std::string path = testing::TempDir() + "/body";
  std::FILE* file = fopen(path.c_str(), "wb");
  fwrite("f\0g", 1, 3, file);
  fclose(file);
  const BodyOptions options{{"a", ""}, {"62"}, {path}};
  EXPECT_EQ(*options.Read(), (std::vector<std::string>{"a", "", "b", std::string("f\0g", 3)}));
  EXPECT_EQ((BodyOptions{{}, {"6"}, {}}).Read().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((BodyOptions{{}, {}, {path + ".none"}}).Read().status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace l3link::cli
