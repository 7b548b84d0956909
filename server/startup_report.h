// The block that l3linkd prints when it starts: node, state directory, chips, limits, and last the ready line.
#ifndef L3LINK_SERVER_STARTUP_REPORT_H_
#define L3LINK_SERVER_STARTUP_REPORT_H_

#include <string>

#include "server/node.h"
#include "server/options/node_options.h"
#include "server/server.h"
#include "server/state_dir.h"

namespace l3link {

// Lines for people; without the ready line.
std::string StartupReport(Node& node, const NodeOptions& options, const StateDir& state);

// "ready grpc=127.0.0.1:50051 unix=/run/l3link/l3linkd.sock\n"
std::string ReadyLine(const Endpoints& endpoints);

}  // namespace l3link

#endif  // L3LINK_SERVER_STARTUP_REPORT_H_
