// The one place where an absl::Status becomes a grpc::Status. Called at the edge, by every service, on any thread.
#ifndef L3LINK_SERVER_ERRORS_H_
#define L3LINK_SERVER_ERRORS_H_

#include "absl/status/status.h"
#include "backends/host/refusal.h"
#include "grpcpp/support/status.h"

namespace l3link {

// `status` with its code and message, and as details a google.rpc.Status that carries
//   ErrorInfo   domain "l3link", the reason, its metadata, and the remedy under the key "remedy"
//   RetryInfo   for LANE_HELD (when the lease ends) and the limits that others free again
//   BadRequest  for INVALID_ARGUMENT_FIELD
// A status that is no refusal is a bug or the system's: it keeps its code and gets the reason INTERNAL_ERROR.
grpc::Status ToGrpc(const absl::Status& status);

// The value under `key`, or "".
std::string MetadataValue(const Metadata& metadata, absl::string_view key);

}  // namespace l3link

#endif  // L3LINK_SERVER_ERRORS_H_
