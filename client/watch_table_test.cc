#include "client/watch_table.h"

#include "client/errors.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

MonoTime At(double seconds) { return After(MonoTime(), absl::Seconds(seconds)); }

v1::WatchEvent Event(uint64_t watch_id, std::vector<uint64_t> values, bool satisfied = true) {
  v1::WatchEvent event;
  event.set_watch_id(watch_id);
  event.set_satisfied(satisfied);
  for (const uint64_t value : values) event.add_values(value);
  return event;
}

class WatchTableTest : public testing::Test {
 protected:
  uint64_t Add(bool once, MonoTime deadline = kNever) {
    const SignalCondition condition = {.signal = 1, .target = 7, .compare = Compare::kGt};
    return table_.Add({&condition, 1}, Combine::kAll, once, deadline, nullptr);
  }

  WatchTable table_{"rack-7"};
};

TEST_F(WatchTableTest, ArmsNothingBeforeItIsAttached) {
  Add(true);
  EXPECT_EQ(table_.NextFrame(At(0)), std::nullopt);
  table_.OnAttached();
  const auto frame = table_.NextFrame(At(0));
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->watch().conditions(0).comparison(), v1::COMPARISON_GT);
  EXPECT_EQ(frame->watch().combine(), v1::COMBINE_ALL);
  EXPECT_TRUE(frame->watch().once());
  EXPECT_FALSE(frame->watch().has_timeout());
  EXPECT_EQ(table_.NextFrame(At(0)), std::nullopt);
}

TEST_F(WatchTableTest, AWaitIsOverAfterOneEvent) {
  table_.OnAttached();
  const uint64_t id = Add(true);
  const auto due = table_.OnEvent(Event(id, {8}));
  ASSERT_TRUE(due.has_value());
  EXPECT_TRUE(due->result->satisfied);
  EXPECT_EQ(due->result->values, (std::vector<uint64_t>{8}));
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_FALSE(table_.OnEvent(Event(id, {9})).has_value());
}

TEST_F(WatchTableTest, ArmsAllAgainAfterABreakWithTheTimeThatIsLeft) {
  table_.OnAttached();
  const uint64_t watch = Add(false);
  const uint64_t wait = Add(true, At(10));
  while (table_.NextFrame(At(0))) {
  }
  table_.OnBroken();
  table_.OnAttached();
  EXPECT_EQ(table_.NextFrame(At(4))->watch().watch_id(), watch);
  const auto again = table_.NextFrame(At(4));
  EXPECT_EQ(again->watch().watch_id(), wait);
  EXPECT_EQ(again->watch().timeout().seconds(), 6);
}

TEST_F(WatchTableTest, TellsAValueOnceThoughItIsArmedAgain) {
  table_.OnAttached();
  const uint64_t id = Add(false);
  EXPECT_TRUE(table_.OnEvent(Event(id, {8})).has_value());
  table_.OnBroken();
  table_.OnAttached();
  EXPECT_FALSE(table_.OnEvent(Event(id, {8})).has_value());
  EXPECT_TRUE(table_.OnEvent(Event(id, {9})).has_value());
}

TEST_F(WatchTableTest, UnwatchesWhatIsRemoved) {
  table_.OnAttached();
  const uint64_t id = Add(false);
  table_.NextFrame(At(0));
  table_.Remove(id);
  table_.Remove(id);
  EXPECT_EQ(table_.NextFrame(At(0))->unwatch().watch_id(), id);
  EXPECT_EQ(table_.NextFrame(At(0)), std::nullopt);
  EXPECT_FALSE(table_.OnEvent(Event(id, {8})).has_value());
}

TEST_F(WatchTableTest, EndsWaitsItselfOnlyWhenTheNodeDoesNot) {
  table_.OnAttached();
  Add(true, At(10));
  EXPECT_FALSE(table_.TakeExpired(At(10)).has_value());
  EXPECT_EQ(table_.NextDeadline(), At(10.25));
  table_.OnBroken();
  EXPECT_EQ(table_.NextDeadline(), At(10));
  const auto due = table_.TakeExpired(At(10));
  ASSERT_TRUE(due.has_value());
  EXPECT_FALSE(due->result->satisfied);
  EXPECT_EQ(table_.NextDeadline(), kNever);
}

TEST_F(WatchTableTest, PassesOnARefusalWithItsReason) {
  table_.OnAttached();
  v1::WatchEvent event = Event(Add(false), {}, false);
  event.set_code(static_cast<uint32_t>(absl::StatusCode::kNotFound));
  event.set_reason("SIGNAL_NOT_FOUND");
  event.set_message("signal 1");
  const auto due = table_.OnEvent(event);
  EXPECT_TRUE(HasReason(due->result.status(), v1::SIGNAL_NOT_FOUND));
  EXPECT_EQ(due->result.status().message(), "node rack-7: signal 1");
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(WatchTableTest, FailsOneAfterTheOther) {
  Add(false);
  Add(true, At(3));
  EXPECT_TRUE(absl::IsAborted(table_.TakeAny(absl::AbortedError(""))->result.status()));
  EXPECT_TRUE(table_.TakeAny(absl::AbortedError("")).has_value());
  EXPECT_FALSE(table_.TakeAny(absl::AbortedError("")).has_value());
  EXPECT_EQ(table_.NextDeadline(), kNever);
}

}  // namespace
}  // namespace l3link::client
