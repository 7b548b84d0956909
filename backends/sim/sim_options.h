// What a node says about its simulated chips. Plain values, the same for all of them.
#ifndef L3LINK_BACKENDS_SIM_SIM_OPTIONS_H_
#define L3LINK_BACKENDS_SIM_SIM_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace l3link {

struct SimOptions {
  std::string state_dir;                    // a chip's files are in state_dir/chips/N, N its worker id
  bool external = false;                    // the chip process is started by somebody else
  std::string chip_binary;                  // of l3link-sim-chip; empty: see FindChipBinary
  std::vector<std::string> programs;        // as --program takes them, "echo", "sink@bulk-"; empty: echo, vector_add
  std::vector<std::string> chip_arguments;  // further flags: faults, --orphan-ttl, ...
  absl::Duration stop_patience = absl::Seconds(2);  // from SIGTERM to SIGKILL
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_SIM_OPTIONS_H_
