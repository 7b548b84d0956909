// A refusal as the user sees it: what happened, to what, which limit, and what to do about it.
#ifndef L3LINK_CLIENT_CLI_FAILURE_H_
#define L3LINK_CLIENT_CLI_FAILURE_H_

#include <grpcpp/support/status.h>

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/exit_code.h"
#include "client/cli/proto_json.h"

namespace l3link::cli {

struct Failure {
  ExitCode exit = ExitCode::kOther;
  std::string code;    // "NOT_FOUND": name of the gRPC code
  std::string reason;  // "CHANNEL_NOT_FOUND": name of a l3link.v1.Reason, or empty
  std::string message;
  std::map<std::string, std::string> metadata;
  std::string remedy;  // one line, or empty
};

// Takes apart the google.rpc.Status in the status' details: ErrorInfo, BadRequest, RetryInfo, Help.
Failure FailureOf(const grpc::Status& status);

// The same for what the client library answers.
Failure FailureOf(const absl::Status& status);

// A refusal made on this side: a bad argument is kInvalidArgument, one that cannot be opened too, an error of reading kUnknown, ...
Failure LocalFailure(absl::StatusCode code, std::string message, std::string remedy = "");

// Several lines for people, beginning with the program's name and ending in '\n'.
std::string FailureText(const Failure& failure, absl::string_view program = "l3linkctl");
// {"error":{"code","reason","message","metadata","remedy","exit_code"}}
Json FailureJson(const Failure& failure);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_FAILURE_H_
