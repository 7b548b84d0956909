#include "client/cli/library.h"

#include <algorithm>

#include "client/errors.h"

namespace l3link::cli {

absl::StatusOr<std::unique_ptr<client::Orchestrator>> ConnectLibrary(Run& run) {
  if (const grpc::Status connected = run.node().Connect(); !connected.ok()) return client::FromGrpc(connected, "");
  client::ConnectOptions options;
  options.connect_timeout = kCallTimeout;
  options.call_timeout = kCallTimeout;
  return client::Orchestrator::Connect({run.node().target()}, options);
}

absl::Duration Deadline::Slice() const { return std::clamp(left(), absl::ZeroDuration(), absl::Milliseconds(100)); }

}  // namespace l3link::cli
