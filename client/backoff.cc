#include "client/backoff.h"

#include <string>

#include "client/errors.h"

namespace l3link::client {

bool IsRetryable(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (!reason.empty()) return reason == "NODE_DRAINING" || reason == "ATTACH_TIMEOUT" || reason == "LIMIT_REACHED";
  switch (status.code()) {
    case absl::StatusCode::kOk:  // the node ended a stream that we did not
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable: return true;
    default: return false;
  }
}

}  // namespace l3link::client
