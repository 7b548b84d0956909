#include "tests/support/grpc_errors.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace l3link {
namespace {

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return info;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info) && info.domain() == "l3link") return info;
  }
  return {};
}

}  // namespace

std::string ReasonOf(const grpc::Status& status) { return InfoOf(status).reason(); }

std::map<std::string, std::string> MetadataOf(const grpc::Status& status) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  return {info.metadata().begin(), info.metadata().end()};
}

std::string Describe(const grpc::Status& status) {
  return "code " + std::to_string(status.error_code()) + " " + ReasonOf(status) + ": " + status.error_message();
}

}  // namespace l3link
