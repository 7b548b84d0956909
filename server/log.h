// Logs on stderr, as text or as one JSON object a line; gRPC's own messages go the same way. Set up by main, once.
//
// Everybody else calls spdlog: spdlog::info("lane {} ...", lane).
#ifndef L3LINK_SERVER_LOG_H_
#define L3LINK_SERVER_LOG_H_

#include <string>

namespace l3link {

// `level`: debug, info, warn, error. `format`: text, json.
void SetUpLog(const std::string& level, const std::string& format);

}  // namespace l3link

#endif  // L3LINK_SERVER_LOG_H_
