// What went wrong, for the application: absl::Status with the node's reason and metadata attached.
//
// The one place where a gRPC status becomes an absl::Status. Every refusal of a node carries a google.rpc.ErrorInfo; it
// travels along as the status' payload and is read back with ReasonOf and MetadataOf. Messages begin with the node's name.
// Stateless; any thread.
#ifndef L3LINK_CLIENT_ERRORS_H_
#define L3LINK_CLIENT_ERRORS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "l3link/v1/error.pb.h"

namespace l3link::client {

// Names and limits concerned, by name: {"max_message_bytes", "4096"}.
using ErrorMetadata = std::map<std::string, std::string>;

// The stable reason ("LANE_HELD", see proto/l3link/v1/error.proto), or "" when the status carries none: then the transport
// or gRPC itself failed, and the code says all there is.
std::string ReasonOf(const absl::Status& status);
bool HasReason(const absl::Status& status, v1::Reason reason);

// The metadata beside the reason; empty when there is none.
ErrorMetadata MetadataOf(const absl::Status& status);

// Full or empty until the timeout passed: nothing is broken, try again.
bool IsWouldBlock(const absl::Status& status);

// A status that carries `reason`; for refusals that the client finds out itself.
absl::Status MakeError(absl::StatusCode code, v1::Reason reason, std::string_view message,
                       const ErrorMetadata& metadata = {});

// INVALID_ARGUMENT (INVALID_ARGUMENT_FIELD) when the time given as `field` is negative.
absl::Status CheckTimeout(std::string_view field, absl::Duration time);

// `status` with its ErrorInfo attached and "node NAME: " before the message. OK stays OK. `node` may be empty.
absl::Status FromGrpc(const grpc::Status& status, std::string_view node);

// `status` with "SCOPE: " before its message, payloads kept.
absl::Status NameScope(const absl::Status& status, std::string_view scope);
// The same with "node NAME: ".
absl::Status NameNode(const absl::Status& status, std::string_view node);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ERRORS_H_
