#include "server/memory/watch_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WatchBoardTest : public ::testing::Test {
 protected:
  WatchBoard::Key Begin(uint64_t watch_id, bool once) {
    return board_.Begin({watch_id, {{0, Comparison::kGe, 1}}, {0}, 1, Combine::kAny, once});
  }
  // "watch satisfied values..." of the next event, or "".
  std::string Event() {
    v1::MemoryServiceStreamResponse frame;
    if (!board_.TakeEvent(&frame)) return "";
    std::string text = std::to_string(frame.event().watch_id()) + (frame.event().satisfied() ? " yes" : " no");
    for (uint64_t value : frame.event().values()) text += " " + std::to_string(value);
    return frame.event().reason().empty() ? text : text + " " + frame.event().reason();
  }

  std::vector<uint32_t> ready_;
  WatchBoard board_{[this](uint32_t region) { ready_.push_back(region); }};
  const MonoTime start_ = MonoNow();
};

TEST_F(WatchBoardTest, CoalescesToTheNewestLevelPerWatch) {
  const auto a = Begin(1, false), b = Begin(2, false);
  for (uint64_t level = 1; level <= 100; ++level) {
    board_.Fired(a, 0, {level});
    if (level % 50 == 0) board_.Fired(b, 0, {level});
  }
  EXPECT_THAT(ready_, ElementsAre(0, 0)) << "told once each";
  EXPECT_EQ(Event(), "1 yes 100");
  EXPECT_EQ(Event(), "2 yes 100");
  EXPECT_EQ(Event(), "");
  board_.Fired(a, 0, {101});
  EXPECT_EQ(Event(), "1 yes 101");
  EXPECT_EQ(board_.size(), 2u);
}

TEST_F(WatchBoardTest, OnceSpeaksOnceAndItsIdIsFreeAgain) {
  const auto a = Begin(1, true);
  board_.Fired(a, 0, {5});
  board_.Fired(a, 0, {6});
  EXPECT_TRUE(board_.Contains(1));
  EXPECT_EQ(Event(), "1 yes 5");
  EXPECT_FALSE(board_.Contains(1));
  board_.Fired(a, 0, {7});
  EXPECT_EQ(Event(), "");
}

TEST_F(WatchBoardTest, PartsOfAWatchThatEndedWhileBeingArmedAreHandedBack) {
  const auto a = Begin(1, true);
  board_.Fired(a, 0, {5});
  EXPECT_EQ(board_.Armed(a, {{0, 77}}, start_).size(), 1u);
  EXPECT_EQ(Event(), "1 yes 5");
  EXPECT_EQ(board_.Armed(a, {{0, 77}}, start_).size(), 1u) << "it is gone altogether";
  EXPECT_EQ(board_.next_deadline(), kNever);
}

TEST_F(WatchBoardTest, DropForgetsWhatWasReady) {
  const auto a = Begin(1, false);
  EXPECT_THAT(board_.Armed(a, {{0, 9}}, kNever), IsEmpty());
  board_.Fired(a, 0, {5});
  EXPECT_EQ(board_.Drop(1).size(), 1u);
  EXPECT_EQ(Event(), "");
  EXPECT_THAT(board_.Drop(1), IsEmpty());
}

TEST_F(WatchBoardTest, TimesOutInOrderOfDeadline) {
  const auto a = Begin(1, true), b = Begin(2, true), c = Begin(3, true);
  EXPECT_THAT(board_.Armed(a, {{0, 1}}, After(start_, absl::Seconds(2))), IsEmpty());
  EXPECT_THAT(board_.Armed(b, {{0, 2}}, After(start_, absl::Seconds(1))), IsEmpty());
  EXPECT_THAT(board_.Armed(c, {{0, 3}}, kNever), IsEmpty());
  EXPECT_EQ(board_.next_deadline(), After(start_, absl::Seconds(1)));
  EXPECT_THAT(board_.TakeExpired(start_), IsEmpty());
  auto expired = board_.TakeExpired(After(start_, absl::Seconds(3)));
  ASSERT_EQ(expired.size(), 2u);
  EXPECT_EQ(expired[0].key, b);
  EXPECT_EQ(expired[0].parts[0].wait, 2u);
  board_.TimedOut(b, {0});
  board_.Fired(a, 0, {5});  // fired in between: that wins
  board_.TimedOut(a, {0});
  EXPECT_EQ(Event(), "2 no 0");
  EXPECT_EQ(Event(), "1 yes 5");
  EXPECT_EQ(board_.next_deadline(), kNever);
}

TEST_F(WatchBoardTest, EndOfARegionIsTheLastEvent) {
  const auto a = Begin(1, false);
  board_.Ended(a, 0, Refuse(Reason::kREGION_CLOSED, "region 0/r was closed"));
  board_.Fired(a, 0, {9});
  EXPECT_EQ(Event(), "1 no 0 REGION_CLOSED");
  EXPECT_EQ(board_.size(), 0u);
}

TEST_F(WatchBoardTest, AllOverTwoRegionsNeedsBothAtTheirNewest) {
  const auto a = board_.Begin({1, {{0, Comparison::kGe, 1}, {3, Comparison::kGe, 1}}, {0, 1}, 2, Combine::kAll, true});
  board_.Fired(a, 0, {1});
  EXPECT_EQ(Event(), "") << "nothing is known of the other region yet";
  board_.Fired(a, 1, {0});
  board_.Fired(a, 0, {0});
  board_.Fired(a, 1, {1});
  EXPECT_EQ(Event(), "") << "the first went back";
  EXPECT_THAT(board_.Armed(a, {{0, 10}, {1, 11}}, kNever), IsEmpty());
  board_.Fired(a, 0, {7});
  EXPECT_EQ(Event(), "1 yes 7 1");
  EXPECT_EQ(board_.TakeUnneeded().size(), 2u) << "both parts would go on reporting";
  EXPECT_THAT(board_.TakeUnneeded(), IsEmpty());
}

TEST_F(WatchBoardTest, ReadyPlacesAreGivenBackByDrop) {
  for (int i = 0; i < 1000; ++i) {
    board_.Fired(Begin(1, true), 0, {1});
    EXPECT_TRUE(board_.has_events());
    (void)board_.Drop(1);
    EXPECT_FALSE(board_.has_events());
  }
}

}  // namespace
}  // namespace l3link
