#include "server/errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace l3link {
namespace {

constexpr char kDomain[] = "l3link";
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// gRPC and Abseil number the sixteen codes alike.
template <grpc::StatusCode kGrpc, absl::StatusCode kAbsl>
constexpr bool kSame = static_cast<int>(kGrpc) == static_cast<int>(kAbsl);
static_assert(kSame<grpc::OK, absl::StatusCode::kOk>);
static_assert(kSame<grpc::CANCELLED, absl::StatusCode::kCancelled>);
static_assert(kSame<grpc::UNKNOWN, absl::StatusCode::kUnknown>);
static_assert(kSame<grpc::INVALID_ARGUMENT, absl::StatusCode::kInvalidArgument>);
static_assert(kSame<grpc::DEADLINE_EXCEEDED, absl::StatusCode::kDeadlineExceeded>);
static_assert(kSame<grpc::NOT_FOUND, absl::StatusCode::kNotFound>);
static_assert(kSame<grpc::ALREADY_EXISTS, absl::StatusCode::kAlreadyExists>);
static_assert(kSame<grpc::PERMISSION_DENIED, absl::StatusCode::kPermissionDenied>);
static_assert(kSame<grpc::RESOURCE_EXHAUSTED, absl::StatusCode::kResourceExhausted>);
static_assert(kSame<grpc::FAILED_PRECONDITION, absl::StatusCode::kFailedPrecondition>);
static_assert(kSame<grpc::ABORTED, absl::StatusCode::kAborted>);
static_assert(kSame<grpc::OUT_OF_RANGE, absl::StatusCode::kOutOfRange>);
static_assert(kSame<grpc::UNIMPLEMENTED, absl::StatusCode::kUnimplemented>);
static_assert(kSame<grpc::INTERNAL, absl::StatusCode::kInternal>);
static_assert(kSame<grpc::UNAVAILABLE, absl::StatusCode::kUnavailable>);
static_assert(kSame<grpc::DATA_LOSS, absl::StatusCode::kDataLoss>);
static_assert(kSame<grpc::UNAUTHENTICATED, absl::StatusCode::kUnauthenticated>);

const ReasonRow& RowOf(Reason reason) { return ReasonTable()[static_cast<size_t>(reason)]; }

// How long the caller should wait before it tries again; zero: it should not.
absl::Duration RetryAfter(const Refusal& refusal) {
  switch (refusal.row->reason) {
    case Reason::kLANE_HELD: {
      int64_t expires_in_ms = 0;
      if (!absl::SimpleAtoi(MetadataValue(refusal.metadata, "expires_in_ms"), &expires_in_ms)) return kRetryAfter;
      return absl::Milliseconds(std::max<int64_t>(expires_in_ms, 1));
    }
    case Reason::kLANES_ALL_HELD:
    case Reason::kLIMIT_REACHED:
    case Reason::kQUARANTINE_FULL:
    case Reason::kNODE_DRAINING: return kRetryAfter;
    default: return absl::ZeroDuration();
  }
}

void AddErrorInfo(const Refusal& refusal, google::rpc::Status* details) {
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(std::string(refusal.row->name));
  for (const auto& [key, value] : refusal.metadata) (*info.mutable_metadata())[key] = value;
  (*info.mutable_metadata())["remedy"] = std::string(refusal.row->remedy);
  details->add_details()->PackFrom(info);
}

void AddRetryInfo(absl::Duration delay, google::rpc::Status* details) {
  if (delay <= absl::ZeroDuration()) return;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay - absl::Seconds(absl::ToInt64Seconds(delay)))));
  details->add_details()->PackFrom(retry);
}

void AddBadRequest(const Refusal& refusal, absl::string_view message, google::rpc::Status* details) {
  if (refusal.row->reason != Reason::kINVALID_ARGUMENT_FIELD) return;
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(MetadataValue(refusal.metadata, "field"));
  violation->set_description(std::string(message));
  details->add_details()->PackFrom(bad);
}

}  // namespace

std::string MetadataValue(const Metadata& metadata, absl::string_view key) {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return "";
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const Refusal refusal = RefusalOf(status).value_or(Refusal{&RowOf(Reason::kINTERNAL_ERROR), {}});
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(std::string(status.message()));
  AddErrorInfo(refusal, &details);
  AddRetryInfo(RetryAfter(refusal), &details);
  AddBadRequest(refusal, status.message(), &details);
  return grpc::Status(code, std::string(status.message()), details.SerializeAsString());
}

}  // namespace l3link
