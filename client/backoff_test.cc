#include "client/backoff.h"

#include "client/errors.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

TEST(BackoffTest, DoublesFromFiftyMillisecondsToOneSecond) {
  EXPECT_EQ(BackoffOf(0, 0), absl::Milliseconds(50));
  EXPECT_EQ(BackoffOf(1, 0), absl::Milliseconds(100));
  EXPECT_EQ(BackoffOf(4, 0), absl::Milliseconds(800));
  EXPECT_EQ(BackoffOf(5, 0), absl::Seconds(1));
  EXPECT_EQ(BackoffOf(1'000'000, 0), absl::Seconds(1));
}

TEST(BackoffTest, SpreadsByHalfAtMost) { EXPECT_EQ(BackoffOf(0, 1), absl::Milliseconds(25)); }

TEST(BackoffTest, IsPatientWithAnAttachByTheLeaseAndAfterEverySilenceMore) {
  EXPECT_EQ(AttachPatience(absl::Seconds(1), 0), absl::Milliseconds(250));
  EXPECT_EQ(AttachPatience(absl::Seconds(8), 0), absl::Seconds(1));
  EXPECT_EQ(AttachPatience(absl::Seconds(30), 0), absl::Seconds(2));
  EXPECT_EQ(AttachPatience(absl::Seconds(8), 2), absl::Seconds(4));
  EXPECT_EQ(AttachPatience(absl::Seconds(8), 100), AttachPatience(absl::Seconds(8), 4));
}

TEST(BackoffTest, IsPatientWithASilentStreamUpToHalfOfItsLease) {
  EXPECT_EQ(SilencePatience(absl::Seconds(1), 0), absl::Milliseconds(250));
  EXPECT_EQ(SilencePatience(absl::Seconds(8), 0), absl::Seconds(2));
  EXPECT_EQ(SilencePatience(absl::Seconds(30), 0), absl::Seconds(5));
  EXPECT_EQ(SilencePatience(absl::Seconds(8), 1), absl::Seconds(4));
  EXPECT_EQ(SilencePatience(absl::Seconds(8), 5), absl::Seconds(4));
}

TEST(BackoffTest, RetriesWhatNobodyDecided) {
  EXPECT_TRUE(IsRetryable(absl::UnavailableError("connection reset")));
  EXPECT_TRUE(IsRetryable(absl::UnknownError("stream removed")));
  EXPECT_TRUE(IsRetryable(absl::OkStatus()));
  EXPECT_TRUE(IsRetryable(MakeError(absl::StatusCode::kUnavailable, v1::NODE_DRAINING, "")));
}

TEST(BackoffTest, TakesTheNodesWord) {
  EXPECT_FALSE(IsRetryable(MakeError(absl::StatusCode::kAborted, v1::SESSION_LOST, "")));
  EXPECT_FALSE(IsRetryable(MakeError(absl::StatusCode::kDataLoss, v1::LANE_POISONED, "")));
  EXPECT_FALSE(IsRetryable(MakeError(absl::StatusCode::kUnavailable, v1::CHANNEL_CLOSED, "")));
  EXPECT_FALSE(IsRetryable(absl::PermissionDeniedError("")));
  EXPECT_FALSE(IsRetryable(absl::UnimplementedError("")));
}

}  // namespace
}  // namespace l3link::client
