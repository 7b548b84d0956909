#include "server/errors.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "l3link/v1/error.pb.h"

namespace l3link {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <typename Detail>
absl::optional<Detail> Find(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return absl::nullopt;
}

TEST(ErrorsTest, OkStaysOk) { EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok()); }

TEST(ErrorsTest, RefusalKeepsCodeMessageReasonMetadataAndTellsTheRemedy) {
  const std::string message = "lane 3: message of 4097 bytes > max_message_bytes 4096";
  grpc::Status status = ToGrpc(Refuse(Reason::kMESSAGE_TOO_LARGE, message, {{"max_message_bytes", "4096"}}));
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), message);
  EXPECT_EQ(DetailsOf(status).code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(DetailsOf(status).message(), message);
  const auto info = Find<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->domain(), "l3link");
  EXPECT_EQ(info->reason(), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(info->metadata().at("max_message_bytes"), "4096");
  EXPECT_EQ(info->metadata().at("remedy"), "Send less, or open the channel with a larger max_message_bytes.");
  EXPECT_FALSE(Find<google::rpc::RetryInfo>(status).has_value());
  EXPECT_FALSE(Find<google::rpc::BadRequest>(status).has_value());
}

TEST(ErrorsTest, HeldLaneSaysWhenToTryAgain) {
  grpc::Status status = ToGrpc(Refuse(Reason::kLANE_HELD, "held", {{"holder", "s"}, {"expires_in_ms", "1500"}}));
  const auto retry = Find<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 1);
  EXPECT_EQ(retry->retry_delay().nanos(), 500'000'000);
}

TEST(ErrorsTest, ReachedLimitSaysWhenToTryAgain) {
  EXPECT_TRUE(Find<google::rpc::RetryInfo>(ToGrpc(Refuse(Reason::kLIMIT_REACHED, "full"))).has_value());
}

TEST(ErrorsTest, WrongFieldIsABadRequestThatNamesIt) {
  grpc::Status status = ToGrpc(Refuse(Reason::kINVALID_ARGUMENT_FIELD, "lane_depth 3: not a power of two",
                                      {{"field", "lane_depth"}, {"value", "3"}}));
  const auto bad = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 1);
  EXPECT_EQ(bad->field_violations(0).field(), "lane_depth");
  EXPECT_EQ(bad->field_violations(0).description(), "lane_depth 3: not a power of two");
}

TEST(ErrorsTest, AStatusWithoutReasonIsAnInternalErrorWithItsOwnCode) {
  grpc::Status status = ToGrpc(absl::CancelledError("gone"));
  EXPECT_EQ(status.error_code(), grpc::CANCELLED);
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->reason(), "INTERNAL_ERROR");
}

TEST(ErrorsTest, EveryReasonOfTheWireHasARowAndEveryRowAReason) {
  EXPECT_EQ(ReasonTable().size() + 1, static_cast<size_t>(v1::Reason_descriptor()->value_count()));
  for (const ReasonRow& row : ReasonTable()) {
    v1::Reason reason;
    EXPECT_TRUE(v1::Reason_Parse(std::string(row.name), &reason)) << row.name;
    grpc::Status status = ToGrpc(Refuse(row.reason, "m"));
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(row.code)) << row.name;
    EXPECT_EQ(Find<google::rpc::ErrorInfo>(status)->reason(), row.name);
  }
}

}  // namespace
}  // namespace l3link
