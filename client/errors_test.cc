#include "client/errors.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

grpc::Status Refusal(grpc::StatusCode code, const std::string& message, const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_domain("l3link");
  info.set_reason(reason);
  (*info.mutable_metadata())["max_message_bytes"] = "4096";
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  details.add_details()->PackFrom(google::rpc::RetryInfo());
  details.add_details()->PackFrom(info);
  return grpc::Status(code, message, details.SerializeAsString());
}

TEST(ErrorsTest, CarriesReasonAndMetadataOfTheNode) {
  const absl::Status status =
      FromGrpc(Refusal(grpc::StatusCode::INVALID_ARGUMENT, "lane 3: too large", "MESSAGE_TOO_LARGE"), "rack-7");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "node rack-7: lane 3: too large");
  EXPECT_EQ(ReasonOf(status), "MESSAGE_TOO_LARGE");
  EXPECT_TRUE(HasReason(status, v1::MESSAGE_TOO_LARGE));
  EXPECT_EQ(MetadataOf(status), (ErrorMetadata{{"max_message_bytes", "4096"}}));
}

TEST(ErrorsTest, KeepsEveryCode) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status from(static_cast<grpc::StatusCode>(code), "text");
    EXPECT_EQ(static_cast<int>(FromGrpc(from, "n").code()), code);
  }
}

TEST(ErrorsTest, HasNoReasonWhenTheTransportFailed) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused"), "");
  EXPECT_EQ(ReasonOf(status), "");
  EXPECT_TRUE(MetadataOf(status).empty());
  EXPECT_EQ(status.message(), "connection refused");
}

TEST(ErrorsTest, IgnoresDetailsThatAreNotAStatus) {
  const absl::Status status = FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "text", "\xff\xff\xff"), "n");
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(status), "");
}

TEST(ErrorsTest, LeavesOkAlone) {
  EXPECT_TRUE(FromGrpc(grpc::Status::OK, "n").ok());
  EXPECT_TRUE(NameNode(absl::OkStatus(), "n").ok());
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
}

TEST(ErrorsTest, NamesTheNodeAndKeepsTheReason) {
  const absl::Status inner = MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK, "no room", {{"a", "b"}});
  EXPECT_TRUE(IsWouldBlock(inner));
  const absl::Status named = NameNode(inner, "x");
  EXPECT_EQ(named.message(), "node x: no room");
  EXPECT_TRUE(IsWouldBlock(named));
  EXPECT_EQ(MetadataOf(named), (ErrorMetadata{{"a", "b"}}));
}

}  // namespace
}  // namespace l3link::client
