#include "client/main_job/reply_checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace l3link::main_job {
namespace {

constexpr uint64_t kCount = 20;
constexpr uint64_t kFirstSequence = 7;

// Replies as the chip's checksum program gives them, to be spoilt by each test.
class ReplyCheckerTest : public testing::Test {
 protected:
  ReplyCheckerTest() {
    for (uint64_t i = 0; i < kCount; ++i) {
      const uint32_t crc = series_.Line(i).crc;
      bodies_.emplace_back(reinterpret_cast<const char*>(&crc), sizeof(crc));
    }
    for (uint64_t i = 0; i < kCount; ++i) order_.push_back(i);
  }

  // Sequences are consecutive in the order of delivery, as a lane numbers what was published.
  void CheckAll(const std::vector<uint64_t>& order) {
    uint64_t sequence = kFirstSequence;
    for (uint64_t i : order) {
      checker_.Check({bodies_[i], series_.Route(i) + route_error_, series_.CorrelationId(i), sequence++, false});
    }
    checker_.Finish();
  }

  const Corpus corpus_{"one\n\nthree\nfour\n", 100};
  const LaneSeries series_{corpus_, 5, 1, 3, kCount};
  ReplyChecker checker_{series_, kFirstSequence};
  std::vector<std::string> bodies_;
  std::vector<uint64_t> order_;
  uint32_t route_error_ = 0;
};

TEST_F(ReplyCheckerTest, VerifiesARightSeries) {
  CheckAll(order_);
  EXPECT_TRUE(checker_.complete());
  EXPECT_TRUE(checker_.counts().clean());
  EXPECT_EQ(checker_.counts().verified, kCount);
}

TEST_F(ReplyCheckerTest, CountsOneLoss) {
  order_.erase(order_.begin() + 4);
  CheckAll(order_);
  EXPECT_FALSE(checker_.complete());
  EXPECT_EQ(checker_.counts().lost, 1u);
  EXPECT_EQ(checker_.counts().first_fault, "message 4 has no reply");
}

TEST_F(ReplyCheckerTest, CountsALostEnd) {
  order_.resize(15);
  CheckAll(order_);
  EXPECT_EQ(checker_.counts().lost, 5u);
}

TEST_F(ReplyCheckerTest, CountsOneDuplicate) {
  order_.insert(order_.begin() + 4, 2);
  CheckAll(order_);
  EXPECT_EQ(checker_.counts().duplicated, 1u);
  EXPECT_EQ(checker_.counts().lost, 0u);
}

TEST_F(ReplyCheckerTest, CountsOneSwapAsReordered) {
  std::swap(order_[4], order_[5]);
  CheckAll(order_);
  EXPECT_EQ(checker_.counts().reordered, 1u);
  EXPECT_EQ(checker_.counts().lost, 0u);
  EXPECT_EQ(checker_.counts().duplicated, 0u);
}

TEST_F(ReplyCheckerTest, CountsWrongBytesSizesAndRoutes) {
  bodies_[3][0] ^= 1;
  bodies_[8] += "x";
  bodies_[9] = "";
  CheckAll(order_);
  EXPECT_EQ(checker_.counts().wrong, 3u);
  EXPECT_EQ(checker_.counts().verified, kCount - 3);
}

TEST_F(ReplyCheckerTest, CountsAWrongRouteOfEveryReply) {
  route_error_ = 3;
  CheckAll(order_);
  EXPECT_EQ(checker_.counts().wrong, kCount);
  EXPECT_EQ(checker_.counts().verified, 0u);
}

TEST_F(ReplyCheckerTest, CountsAForeignCorrelationIdAndASequenceThatJumps) {
  checker_.Check({bodies_[0], series_.Route(0), series_.CorrelationId(0) ^ 1, kFirstSequence, false});
  EXPECT_EQ(checker_.counts().wrong, 1u);
  checker_.Check({bodies_[0], series_.Route(0), series_.CorrelationId(0), kFirstSequence + 2, false});
  EXPECT_EQ(checker_.counts().wrong, 2u);
}

TEST(LaneSeriesTest, SharesAddUpAndRoutesBelongToTheirLane) {
  const Corpus corpus("a\nb\n", 10);
  uint64_t total = 0;
  for (uint32_t lane = 0; lane < 7; ++lane) {
    total += ShareOfLane(1000003, lane, 7);
    const LaneSeries series(corpus, 1, lane, 7, 100);
    for (uint64_t i = 0; i < 100; ++i) {
      EXPECT_EQ(series.Route(i) % 7, lane);
      EXPECT_EQ(series.IndexOf(series.CorrelationId(i)), i);
    }
  }
  EXPECT_EQ(total, 1000003u);
}

}  // namespace
}  // namespace l3link::main_job
