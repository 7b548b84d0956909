#include "client/cli/failure.h"

#include <gtest/gtest.h>

#include "client/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace l3link::cli {
namespace {

grpc::Status LaneHeld() {
  google::rpc::ErrorInfo info;
  info.set_domain("l3link");
  info.set_reason("LANE_HELD");
  (*info.mutable_metadata())["holder"] = "worker-7";
  (*info.mutable_metadata())["remedy"] = "wait, or take it with channels release";
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(12);
  google::rpc::Status details;
  details.set_code(8);
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(retry);
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "lane 3: held by worker-7", details.SerializeAsString()};
}

TEST(FailureTest, TakesReasonMetadataRemedyAndRetryFromTheDetails) {
  const Failure failure = FailureOf(LaneHeld());
  EXPECT_EQ(failure.code, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(failure.reason, "LANE_HELD");
  EXPECT_EQ(failure.message, "lane 3: held by worker-7");
  EXPECT_EQ(failure.remedy, "wait, or take it with channels release");
  EXPECT_EQ(failure.metadata.at("holder"), "worker-7");
  EXPECT_EQ(failure.metadata.at("retry_after_seconds"), "12");
  EXPECT_EQ(failure.metadata.count("remedy"), 0u);
  EXPECT_EQ(failure.exit, ExitCode::kBusy);
}

TEST(FailureTest, ReadsTheClientLibrarysStatusTheSame) {
  const Failure failure =
      FailureOf(client::MakeError(absl::StatusCode::kDataLoss, v1::LANE_POISONED, "lane 3: poisoned",
                                  {{"poison", "TAIL_RANGE"}, {"remedy", "reset the lane"}}));
  EXPECT_EQ(failure.exit, ExitCode::kPoisoned);
  EXPECT_EQ(failure.reason, "LANE_POISONED");
  EXPECT_EQ(failure.metadata.at("poison"), "TAIL_RANGE");
  EXPECT_EQ(failure.remedy, "reset the lane");
}

TEST(FailureTest, TextShowsAllOfIt) {
  EXPECT_EQ(FailureText(FailureOf(LaneHeld())),
            "l3linkctl: RESOURCE_EXHAUSTED LANE_HELD: lane 3: held by worker-7\n"
            "  holder: worker-7\n"
            "  retry_after_seconds: 12\n"
            "  remedy: wait, or take it with channels release\n");
}

TEST(FailureTest, JsonShowsAllOfIt) {
  const Json error = FailureJson(FailureOf(LaneHeld()))["error"];
  EXPECT_EQ(error["code"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error["reason"], "LANE_HELD");
  EXPECT_EQ(error["metadata"]["holder"], "worker-7");
  EXPECT_EQ(error["remedy"], "wait, or take it with channels release");
  EXPECT_EQ(error["exit_code"], 7);
}

TEST(FailureTest, AConnectionFailureSaysHowToNameAnotherTarget) {
  const Failure failure = FailureOf({grpc::StatusCode::UNAVAILABLE, "failed to connect"});
  EXPECT_EQ(failure.exit, ExitCode::kConnect);
  EXPECT_NE(failure.remedy.find("L3LINK_TARGET"), std::string::npos);
}

TEST(FailureTest, DetailsThatAreNoStatusAreIgnored) {
  const Failure failure = FailureOf({grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff\xff"});
  EXPECT_EQ(failure.exit, ExitCode::kNotFound);
  EXPECT_EQ(failure.reason, "");
}

TEST(FailureTest, ForeignControlBytesDoNotReachTheTerminal) {
  const std::string text = FailureText(FailureOf({grpc::StatusCode::NOT_FOUND, "a\x1b[2J"}));
  EXPECT_EQ(text, "l3linkctl: NOT_FOUND: a?[2J\n");
}

}  // namespace
}  // namespace l3link::cli
