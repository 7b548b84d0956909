#include "server/channel/message_body.h"

#include "backends/host/refusal.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

v1::Message Hex(const std::string& hex) {
  v1::Message message;
  message.set_hex(hex);
  return message;
}

TEST(MessageBodyTest, EveryBodyIsAPayload) {
  v1::Message message;
  EXPECT_EQ(*PayloadOf(message), "");
  message.set_text("höi");
  EXPECT_EQ(*PayloadOf(message), "höi");
  EXPECT_EQ(PayloadBytesOf(message), 4u);
  message.set_data(std::string("\0\xff", 2));
  EXPECT_EQ(*PayloadOf(message), std::string("\0\xff", 2));
  EXPECT_EQ(*PayloadOf(Hex("00Ff")), std::string("\0\xff", 2));
  EXPECT_EQ(PayloadBytesOf(Hex("00Ff")), 2u);
}

TEST(MessageBodyTest, RefusesHexThatIsNotHex) {
  for (const char* hex : {"0", "0g", "0 ", "zz"}) {
    EXPECT_TRUE(IsRefusal(PayloadOf(Hex(hex)).status(), Reason::kMALFORMED_FRAME)) << hex;
  }
}

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
