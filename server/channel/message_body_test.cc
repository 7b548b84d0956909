#include "server/channel/message_body.h"

#include "backends/host/refusal.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(MessageBodyTest, TextFallsBackToHexWhereItIsNotUtf8) {
  v1::Message message;
  SetBody(v1::FORM_UNSPECIFIED, "abc", &message);
  EXPECT_EQ(message.text(), "abc");
  SetBody(v1::FORM_TEXT, "\xc3\x28", &message);
  EXPECT_EQ(message.hex(), "c328");
  SetBody(v1::FORM_DATA, "\xc3\x28", &message);
  EXPECT_EQ(message.data(), "\xc3\x28");
  SetBody(v1::FORM_HEX, "abc", &message);
  EXPECT_EQ(message.hex(), "616263");
}

TEST(MessageBodyTest, OnlyTextAskedForByNameIsRefused) {
  EXPECT_TRUE(IsRefusal(CheckText(v1::FORM_TEXT, "\xff", 3, 7), Reason::kNOT_UTF8));
  EXPECT_EQ(CheckText(v1::FORM_TEXT, "\xff", 3, 7).message(), "lane 3: message 7 of 1 bytes is not UTF-8");
  EXPECT_TRUE(CheckText(v1::FORM_UNSPECIFIED, "\xff", 3, 7).ok());
  EXPECT_TRUE(CheckText(v1::FORM_TEXT, "ok", 3, 7).ok());
}

}  // namespace
}  // namespace l3link
