// One run of l3linkd, from settings to exit status. main calls it once, on its thread.
#ifndef L3LINK_SERVER_DAEMON_H_
#define L3LINK_SERVER_DAEMON_H_

#include "absl/status/status.h"
#include "server/options/node_options.h"
#include "server/stop_signals.h"

namespace l3link {

// Starts everything, serves until a stop signal, drains, and leaves nothing behind. The error is why it could not start.
absl::Status RunDaemon(const NodeOptions& options, StopSignals& signals);

}  // namespace l3link

#endif  // L3LINK_SERVER_DAEMON_H_
