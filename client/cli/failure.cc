#include "client/cli/failure.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/table.h"
#include "client/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace l3link::cli {
namespace {

// For failures of the connection itself, which no node could give a remedy for.
std::string RemedyWithoutNode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "check that l3linkd runs and listens there; name it with --target HOST:PORT or unix:PATH, or "
             "L3LINK_TARGET";
    case absl::StatusCode::kInvalidArgument: return "check the arguments; --help explains them";
    case absl::StatusCode::kDeadlineExceeded: return "allow more time with --timeout, or look at `l3linkctl status`";
    case absl::StatusCode::kUnimplemented:
      return "the node is older than this l3linkctl, or something else listens at the target";
    default: return "";
  }
}

void TakeErrorInfo(const google::rpc::ErrorInfo& info, Failure* failure) {
  failure->reason = info.reason();
  for (const auto& [key, value] : info.metadata()) {
    if (key == "remedy") {
      failure->remedy = value;
    } else {
      failure->metadata[key] = value;
    }
  }
}

void TakeDetail(const google::protobuf::Any& detail, Failure* failure) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  google::rpc::Help help;
  if (detail.UnpackTo(&info)) {
    TakeErrorInfo(info, failure);
  } else if (detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      failure->metadata.emplace("field", violation.field());
      if (violation.description() != failure->message) failure->metadata.emplace("violation", violation.description());
    }
  } else if (detail.UnpackTo(&retry)) {
    const double seconds = retry.retry_delay().seconds() + retry.retry_delay().nanos() * 1e-9;
    failure->metadata["retry_after_seconds"] = absl::StrCat(seconds);
  } else if (detail.UnpackTo(&help) && help.links_size() > 0 && failure->remedy.empty()) {
    failure->remedy = help.links(0).description();
  }
}

}  // namespace

Failure FailureOf(const grpc::Status& status) {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  Failure failure;
  failure.code = absl::StatusCodeToString(code);
  failure.message = status.error_message().empty() ? "the call was refused without a word" : status.error_message();
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) TakeDetail(detail, &failure);
  }
  if (failure.remedy.empty() && failure.reason.empty()) failure.remedy = RemedyWithoutNode(code);
  failure.exit = ExitCodeOf(code, failure.reason);
  return failure;
}

Failure FailureOf(const absl::Status& status) {
  Failure failure = LocalFailure(status.code(), std::string(status.message()));
  failure.reason = client::ReasonOf(status);
  failure.metadata = client::MetadataOf(status);
  if (auto remedy = failure.metadata.extract("remedy")) failure.remedy = remedy.mapped();
  if (failure.remedy.empty() && failure.reason.empty()) failure.remedy = RemedyWithoutNode(status.code());
  failure.exit = ExitCodeOf(status.code(), failure.reason);
  return failure;
}

Failure LocalFailure(absl::StatusCode code, std::string message, std::string remedy) {
  Failure failure;
  failure.exit = ExitCodeOf(code, "");
  failure.code = absl::StatusCodeToString(code);
  failure.message = std::move(message);
  failure.remedy = std::move(remedy);
  return failure;
}

std::string FailureText(const Failure& failure, absl::string_view program) {
  std::string text = absl::StrCat(program, ": ", failure.code);
  if (!failure.reason.empty()) absl::StrAppend(&text, " ", Printable(failure.reason));
  absl::StrAppend(&text, ": ", Printable(failure.message), "\n");
  for (const auto& [key, value] : failure.metadata) {
    absl::StrAppend(&text, "  ", Printable(key), ": ", Printable(value), "\n");
  }
  if (!failure.remedy.empty()) absl::StrAppend(&text, "  remedy: ", Printable(failure.remedy), "\n");
  return text;
}

Json FailureJson(const Failure& failure) {
  Json error = Json::object();
  error["code"] = failure.code;
  error["reason"] = failure.reason;
  error["message"] = failure.message;
  error["metadata"] = Json::object();
  for (const auto& [key, value] : failure.metadata) error["metadata"][key] = value;
  error["remedy"] = failure.remedy;
  error["exit_code"] = static_cast<int>(failure.exit);
  return Json{{"error", std::move(error)}};
}

}  // namespace l3link::cli
