#include "backends/worker/chip_watch.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

constexpr MonoTime kStart{std::chrono::hours(1)};

ChipPresence Presence(ChipPresence::Life life, const std::string& detail = "") {
  ChipPresence presence;
  presence.life = life;
  presence.detail = detail;
  return presence;
}
const ChipPresence kUnknown = Presence(ChipPresence::Life::kUnknown);
const ChipPresence kAlive = Presence(ChipPresence::Life::kAlive);
const ChipPresence kGone = Presence(ChipPresence::Life::kGone, "exited with status 86");

ChipLine Line(uint64_t attach_count, uint64_t heartbeat, uint32_t state = L3_CHIP_RUNNING) {
  ChipLine line;
  line.state = state;
  line.attach_count = attach_count;
  line.heartbeat = heartbeat;
  return line;
}

MonoTime At(int seconds) { return After(kStart, absl::Seconds(seconds)); }

TEST(ChipWatchTest, IsAbsentUntilAProgramAttaches) {
  ChipWatch watch(absl::Seconds(5));
  EXPECT_FALSE(watch.Look(ChipLine(), kAlive, At(0)).state);
  EXPECT_EQ(watch.state(), ChipState::kAbsent);
  const ChipWatch::Change change = watch.Look(Line(1, 1), kAlive, At(1));
  EXPECT_TRUE(change.state);
  EXPECT_TRUE(change.attached);
  EXPECT_EQ(watch.state(), ChipState::kRunning);
}

TEST(ChipWatchTest, IsLostWhenTheHeartbeatStopsAndBackWhenItGoesOn) {
  ChipWatch watch(absl::Seconds(5));
  watch.Look(Line(1, 1), kUnknown, At(0));
  EXPECT_FALSE(watch.Look(Line(1, 1), kUnknown, At(5)).state);
  EXPECT_TRUE(watch.Look(Line(1, 1), kUnknown, At(6)).state);
  EXPECT_EQ(watch.state(), ChipState::kLost);
  EXPECT_EQ(watch.detail(), "no heartbeat for 6s");
  EXPECT_TRUE(watch.Look(Line(1, 2), kUnknown, At(7)).state);
  EXPECT_EQ(watch.state(), ChipState::kRunning);
}

TEST(ChipWatchTest, IsLostAtOnceWhenTheProcessIsGoneAndNotBackBeforeItsSuccessorWrites) {
  ChipWatch watch(absl::Seconds(5));
  watch.Look(Line(1, 1), kAlive, At(0));
  EXPECT_TRUE(watch.Look(Line(1, 2), kGone, At(1)).state);
  EXPECT_EQ(watch.state(), ChipState::kLost);
  EXPECT_EQ(watch.detail(), "exited with status 86");
  EXPECT_FALSE(watch.Look(Line(1, 2), kAlive, At(2)).state);
  const ChipWatch::Change change = watch.Look(Line(2, 3), kAlive, At(3));
  EXPECT_TRUE(change.state);
  EXPECT_TRUE(change.attached);
  EXPECT_EQ(watch.state(), ChipState::kRunning);
}

TEST(ChipWatchTest, IsLostWhenTheProgramDetaches) {
  ChipWatch watch(absl::Seconds(5));
  watch.Look(Line(1, 1), kAlive, At(0));
  EXPECT_TRUE(watch.Look(Line(1, 1, L3_CHIP_DETACHED), kAlive, At(1)).state);
  EXPECT_EQ(watch.state(), ChipState::kLost);
  EXPECT_EQ(watch.heartbeat_age(At(3)), absl::Seconds(3));
}

}  // namespace
}  // namespace l3link
