#include "client/flight_limit.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(8);
constexpr uint64_t kFirst = 64 << 10;
constexpr uint64_t kShortPipe = 8 * (24 << 10);
constexpr uint64_t kLongPipe = 8 * (64 << 10);

MonoTime At(absl::Duration since) { return After(MonoTime(), since); }

class FlightLimitTest : public testing::Test {
 protected:
  FlightLimitTest() { flight_.OnAttached(kTtl); }

  // Fills what is allowed, probing when it is due; the last probe's answer comes after `took`.
  void Fill(absl::Duration took) {
    while (flight_.HasRoom()) {
      flight_.OnSent(kFirst / 16);
      if (flight_.ProbeDue()) flight_.OnProbe(++token_, At(now_));
    }
    if (flight_.ProbeDue()) flight_.OnProbe(++token_, At(now_));
    now_ += took;
    flight_.OnAnswered(token_, At(now_));
  }

  FlightLimit flight_;
  uint64_t token_ = 0;
  absl::Duration now_ = absl::Seconds(1);
};

TEST_F(FlightLimitTest, BeginsLow) {
  EXPECT_EQ(flight_.limit(), kFirst);
  EXPECT_TRUE(flight_.HasRoom());
  EXPECT_FALSE(flight_.ProbeDue());
}

TEST_F(FlightLimitTest, IsFullUntilAProbeIsAnswered) {
  flight_.OnSent(kFirst / 2);
  flight_.OnProbe(1, At(absl::Seconds(1)));
  flight_.OnSent(kFirst / 2);
  EXPECT_FALSE(flight_.HasRoom());
  flight_.OnAnswered(1, At(absl::Seconds(2)));  // neither soon nor late
  EXPECT_TRUE(flight_.HasRoom());
  flight_.OnSent(kFirst / 2);
  EXPECT_FALSE(flight_.HasRoom()) << "the first half has arrived, no more";
}

TEST_F(FlightLimitTest, WantsAProbeForEachQuarter) {
  flight_.OnSent(kFirst / 4 - 1);
  EXPECT_FALSE(flight_.ProbeDue());
  flight_.OnSent(1);
  EXPECT_TRUE(flight_.ProbeDue());
  flight_.OnProbe(1, At(absl::Seconds(1)));
  EXPECT_FALSE(flight_.ProbeDue());
}

TEST_F(FlightLimitTest, TheLastAnswerSpeaksForThoseBefore) {
  flight_.OnSent(kFirst / 2);
  flight_.OnProbe(1, At(absl::Seconds(1)));
  flight_.OnSent(kFirst / 2);
  flight_.OnProbe(2, At(absl::Seconds(1)));
  flight_.OnAnswered(2, At(absl::Seconds(1)));
  flight_.OnSent(kFirst / 2);
  EXPECT_TRUE(flight_.HasRoom());
}

TEST_F(FlightLimitTest, IgnoresAnswersNobodyAskedFor) {
  flight_.OnSent(kFirst);
  flight_.OnAnswered(77, At(absl::Seconds(1)));
  EXPECT_FALSE(flight_.HasRoom());
}

TEST_F(FlightLimitTest, ShrinksWhenAnswersTakeLongButNotToNothing) {
  Fill(kTtl / 3);
  EXPECT_EQ(flight_.limit(), kFirst / 2);
  for (int i = 0; i < 40; ++i) Fill(kTtl / 3);
  EXPECT_EQ(flight_.limit(), uint64_t{16} << 10);
  EXPECT_TRUE(flight_.HasRoom());
}

TEST_F(FlightLimitTest, AQueueThatSeveralProbesMetShrinksItOnce) {
  flight_.OnSent(kFirst / 2);
  flight_.OnProbe(1, At(absl::Seconds(1)));
  flight_.OnSent(kFirst / 2);
  flight_.OnProbe(2, At(absl::Seconds(1)));
  flight_.OnAnswered(1, At(absl::Seconds(5)));
  flight_.OnAnswered(2, At(absl::Seconds(6)));
  EXPECT_EQ(flight_.limit(), kFirst / 2);
}

TEST_F(FlightLimitTest, GrowsOnAShortPipeToWhatASlowLinkTakesInAQuarterOfTheLease) {
  for (int i = 0; i < 8; ++i) Fill(absl::Microseconds(300));
  EXPECT_EQ(flight_.limit(), kShortPipe);
}

TEST_F(FlightLimitTest, GrowsBeyondForALongPipeThatItFills) {
  for (int i = 0; i < 8; ++i) Fill(absl::Milliseconds(50));
  EXPECT_EQ(flight_.limit(), kLongPipe);
  Fill(absl::Microseconds(300));
  EXPECT_EQ(flight_.limit(), kLongPipe) << "what it has it keeps";
}

TEST_F(FlightLimitTest, StaysWhereItIsNotFilled) {
  flight_.OnProbe(++token_, At(now_));
  flight_.OnAnswered(token_, At(now_ + absl::Milliseconds(50)));
  EXPECT_EQ(flight_.limit(), kFirst);
}

TEST_F(FlightLimitTest, ForgetsWhatAnEarlierCallHadUnderWay) {
  flight_.OnSent(kFirst);
  flight_.OnProbe(1, At(absl::Seconds(1)));
  flight_.OnAttached(kTtl);
  EXPECT_TRUE(flight_.HasRoom());
  flight_.OnSent(kFirst);
  flight_.OnAnswered(1, At(absl::Seconds(2)));
  EXPECT_FALSE(flight_.HasRoom());
}

}  // namespace
}  // namespace l3link::client
