// What l3linkd was told, as values: the settings parsed, checked and completed with defaults. Made by main, once.
#ifndef L3LINK_SERVER_OPTIONS_NODE_OPTIONS_H_
#define L3LINK_SERVER_OPTIONS_NODE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "backends/ascend/ascend_options.h"
#include "server/limits.h"
#include "server/options/parse_values.h"
#include "server/options/settings.h"

namespace l3link {

struct NodeOptions {
  absl::optional<ListenAddress> listen;  // absent: off
  std::string unix_path;                 // empty: off
  bool insecure = false;
  std::string ready_file;
  std::vector<PlatformCount> platforms;
  std::vector<std::string> sim_programs;
  bool sim_external = false;
  std::string sim_chip;  // empty: found beside l3linkd
  AscendOptions ascend;
  std::string state_dir;
  bool discard_state = false;
  std::string node_name;
  std::string log_level = "info";
  std::string log_format = "text";
  NodeLimits limits;
};

// Errors name where the wrong value came from, and what was expected. Plaintext beyond loopback without --insecure is one.
absl::StatusOr<NodeOptions> ParseNodeOptions(const Settings& settings);

// $XDG_RUNTIME_DIR/l3link, else /dev/shm/l3link-UID.
std::string DefaultStateDir();

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_NODE_OPTIONS_H_
