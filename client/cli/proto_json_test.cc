#include "client/cli/proto_json.h"

#include <gtest/gtest.h>

#include "l3link/v1/channel.pb.h"
#include "l3link/v1/node.pb.h"

namespace l3link::cli {
namespace {

TEST(ProtoJsonTest, WritesNumbersAsNumbersAndEnumsByShortName) {
  v1::Chip chip;
  chip.set_state(v1::CHIP_STATE_RUNNING);
  chip.set_arena_bytes(18446744073709551615u);
  const Json json = ToJson(chip);
  EXPECT_EQ(json["state"], "running");
  EXPECT_EQ(json["arena_bytes"].dump(), "18446744073709551615");
  EXPECT_EQ(json["shared_rmw"], false);
}

TEST(ProtoJsonTest, ShowsOnlyTheOneofMemberThatIsSet) {
  v1::Message message;
  message.set_text("hello");
  const Json json = ToJson(message);
  EXPECT_EQ(json["text"], "hello");
  EXPECT_FALSE(json.contains("data"));
  EXPECT_FALSE(json.contains("hex"));
}

TEST(ProtoJsonTest, WritesBytesAsBase64AndDurationsAsSeconds) {
  v1::Message message;
  message.set_data(std::string("\0\xff", 2));
  EXPECT_EQ(ToJson(message)["data"], "AP8=");
  v1::Draining draining;
  draining.mutable_deadline()->set_seconds(2);
  draining.mutable_deadline()->set_nanos(500000000);
  EXPECT_EQ(ToJson(draining)["deadline"], 2.5);
}

TEST(ProtoJsonTest, RepeatedFieldsAreListsEvenWhenEmpty) {
  v1::ListChannelsResponse response;
  EXPECT_EQ(DumpLine(ToJson(response)), "{\"channels\":[]}");
  response.add_channels()->mutable_id()->set_name("jobs");
  EXPECT_EQ(ToJson(response)["channels"][0]["id"]["name"], "jobs");
}

TEST(ProtoJsonTest, DumpsForeignBytesWithoutFailing) { EXPECT_EQ(DumpLine(Json("a\xff")), "\"a\xef\xbf\xbd\""); }

}  // namespace
}  // namespace l3link::cli
