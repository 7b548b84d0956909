#include "client/errors.h"

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace l3link::client {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kDomain[] = "l3link";

// gRPC and Abseil number the sixteen codes alike.
static_assert(static_cast<int>(grpc::StatusCode::CANCELLED) == static_cast<int>(absl::StatusCode::kCancelled));
static_assert(static_cast<int>(grpc::StatusCode::UNKNOWN) == static_cast<int>(absl::StatusCode::kUnknown));
static_assert(static_cast<int>(grpc::StatusCode::DEADLINE_EXCEEDED) ==
              static_cast<int>(absl::StatusCode::kDeadlineExceeded));
static_assert(static_cast<int>(grpc::StatusCode::NOT_FOUND) == static_cast<int>(absl::StatusCode::kNotFound));
static_assert(static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED) ==
              static_cast<int>(absl::StatusCode::kResourceExhausted));
static_assert(static_cast<int>(grpc::StatusCode::ABORTED) == static_cast<int>(absl::StatusCode::kAborted));
static_assert(static_cast<int>(grpc::StatusCode::UNAVAILABLE) == static_cast<int>(absl::StatusCode::kUnavailable));
static_assert(static_cast<int>(grpc::StatusCode::DATA_LOSS) == static_cast<int>(absl::StatusCode::kDataLoss));
static_assert(static_cast<int>(grpc::StatusCode::UNAUTHENTICATED) ==
              static_cast<int>(absl::StatusCode::kUnauthenticated));

std::optional<google::rpc::ErrorInfo> InfoOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kErrorInfoUrl);
  google::rpc::ErrorInfo info;
  if (!payload || !info.ParseFromString(std::string(*payload))) return std::nullopt;
  return info;
}

void Attach(absl::Status& status, const google::rpc::ErrorInfo& info) {
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
}

}  // namespace

std::string ReasonOf(const absl::Status& status) {
  const auto info = InfoOf(status);
  return info ? info->reason() : std::string();
}

bool HasReason(const absl::Status& status, v1::Reason reason) {
  const auto info = InfoOf(status);
  return info && info->reason() == v1::Reason_Name(reason);
}

ErrorMetadata MetadataOf(const absl::Status& status) {
  const auto info = InfoOf(status);
  if (!info) return {};
  return {info->metadata().begin(), info->metadata().end()};
}

bool IsWouldBlock(const absl::Status& status) { return HasReason(status, v1::WOULD_BLOCK); }

absl::Status MakeError(absl::StatusCode code, v1::Reason reason, std::string_view message,
                       const ErrorMetadata& metadata) {
  absl::Status status(code, {message.data(), message.size()});
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(v1::Reason_Name(reason));
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  Attach(status, info);
  return status;
}

absl::Status CheckTimeout(std::string_view field, absl::Duration time) {
  if (time >= absl::ZeroDuration()) return absl::OkStatus();
  const std::string name(field), value = absl::FormatDuration(time);
  return MakeError(absl::StatusCode::kInvalidArgument, v1::INVALID_ARGUMENT_FIELD,
                   absl::StrCat(name, ": ", value, " is negative, must be 0 or more"),
                   {{"field", name}, {"value", value}, {"limit", "0 or more"}});
}

absl::Status FromGrpc(const grpc::Status& status, std::string_view node) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) {
      google::rpc::ErrorInfo info;
      if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) Attach(result, info);
    }
  }
  return NameNode(result, node);
}

absl::Status NameScope(const absl::Status& status, std::string_view scope) {
  if (status.ok()) return status;
  absl::Status named(status.code(), absl::StrCat(std::string(scope), ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

absl::Status NameNode(const absl::Status& status, std::string_view node) {
  return node.empty() ? status : NameScope(status, absl::StrCat("node ", std::string(node)));
}

}  // namespace l3link::client
