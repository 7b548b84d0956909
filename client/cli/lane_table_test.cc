#include "client/cli/lane_table.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

v1::Channel Jobs() {
  v1::Channel channel;
  channel.mutable_id()->set_name("jobs");
  channel.mutable_id()->set_generation(3);
  channel.mutable_config()->set_host_to_chip_lanes(1);
  channel.mutable_config()->set_lane_depth(64);
  channel.mutable_config()->set_max_message_bytes(4096);
  channel.set_bytes(1 << 20);
  v1::LaneState* lane = channel.add_lanes();
  lane->set_direction(v1::DIRECTION_HOST_TO_CHIP);
  lane->set_generation(3);
  lane->set_published(10);
  lane->set_consumed(7);
  lane->set_session_id("me");
  lane->set_principal("uid:7");
  lane->set_lease_expires_ms(29000);
  lane->set_poisoned(true);
  lane->set_poison("HEAD_RANGE");
  lane->set_evidence("head 99 > tail 10");
  return channel;
}

TEST(LaneTableTest, ShowsWaitingHolderAndPoisonOfEachLane) {
  EXPECT_EQ(LaneTable(Jobs()),
            "DIRECTION     LANE  GENERATION  PUBLISHED  CONSUMED  WAITING  BYTES  FULL  HOLDER              STATE\n"
            "host_to_chip     0           3         10         7        3    0 B     0  me of uid:7 (29 s)  POISONED "
            "HEAD_RANGE: "
            "head 99 > tail 10\n");
}

TEST(LaneTableTest, SumsUpEachChannel) {
  v1::ListChannelsResponse response;
  *response.add_channels() = Jobs();
  EXPECT_EQ(ChannelTable(response),
            "CHANNEL   H2C  C2H  DEPTH  MAX MESSAGE  WAITING H2C  WAITING C2H  HELD    ARENA  STATE\n"
            "0/jobs@3    1    0     64      4.0 KiB            3            0     1  1.0 MiB  POISONED 1 of 1\n");
}

TEST(LaneTableTest, ReadsDirectionsLongAndShort) {
  EXPECT_EQ(*ParseDirection("h2c"), v1::DIRECTION_HOST_TO_CHIP);
  EXPECT_EQ(*ParseDirection("chip_to_host"), v1::DIRECTION_CHIP_TO_HOST);
  EXPECT_FALSE(ParseDirection("up").ok());
}

}  // namespace
}  // namespace l3link::cli
