#include "client/cli/lane_rates.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

// A channel "jobs" with `lanes` host_to_chip lanes of depth 4, all counts 0.
LaneSample Sample(int lanes) {
  LaneSample sample;
  v1::Channel channel;
  channel.mutable_id()->set_name("jobs");
  channel.mutable_config()->set_lane_depth(4);
  for (int i = 0; i < lanes; ++i) {
    v1::LaneState* lane = channel.add_lanes();
    lane->set_direction(v1::DIRECTION_HOST_TO_CHIP);
    lane->set_lane(i);
    lane->set_generation(1);
  }
  sample.channels.push_back(channel);
  return sample;
}

void Count(LaneSample& sample, int lane, uint64_t published, uint64_t consumed) {
  v1::LaneState* state = sample.channels[0].mutable_lanes(lane);
  state->set_published(published);
  state->set_consumed(consumed);
  state->set_bytes(published * 100);
}

TEST(LaneRatesTest, DividesWhatChangedByTheTimeBetweenAndPutsTheBusiestFirst) {
  LaneSample before = Sample(2), now = Sample(2);
  now.when = before.when + std::chrono::seconds(2);
  Count(before, 1, 10, 10);
  Count(now, 1, 30, 28);
  const auto rates = RatesBetween(before, now);
  ASSERT_EQ(rates.size(), 2u);
  EXPECT_EQ(rates[0].lane, 1u);
  EXPECT_EQ(rates[0].in_per_second, 10);
  EXPECT_EQ(rates[0].out_per_second, 9);
  EXPECT_EQ(rates[0].bytes_per_second, 1000);
  EXPECT_EQ(rates[0].waiting, 2u);
  EXPECT_EQ(rates[0].state, "ok");
  EXPECT_EQ(rates[1].state, "idle");
}

TEST(LaneRatesTest, CallsAFullLaneThatNobodyReadsStalled) {
  LaneSample before = Sample(1), now = Sample(1);
  now.when = before.when + std::chrono::seconds(1);
  Count(before, 0, 4, 0);
  Count(now, 0, 4, 0);
  EXPECT_EQ(RatesBetween(before, now)[0].state, "STALLED");
}

TEST(LaneRatesTest, ALaneThatWasResetHasNoRatesYet) {
  LaneSample before = Sample(1), now = Sample(1);
  now.when = before.when + std::chrono::seconds(1);
  Count(before, 0, 1000, 1000);
  now.channels[0].mutable_lanes(0)->set_generation(2);
  Count(now, 0, 3, 1);
  EXPECT_EQ(RatesBetween(before, now)[0].in_per_second, 0);
}

TEST(LaneRatesTest, NamesThePoison) {
  LaneSample sample = Sample(1);
  sample.channels[0].mutable_lanes(0)->set_poisoned(true);
  sample.channels[0].mutable_lanes(0)->set_poison("TAIL_RANGE");
  EXPECT_EQ(RatesBetween(sample, sample)[0].state, "POISONED TAIL_RANGE");
}

}  // namespace
}  // namespace l3link::cli
