// The flags of l3link-sim-chip. Parsed once by main.cc.
#ifndef L3LINK_BACKENDS_SIM_CHIP_CHIP_OPTIONS_H_
#define L3LINK_BACKENDS_SIM_CHIP_CHIP_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/source_channel.h"

namespace l3link {

// How l3link-sim-chip ends.
enum ExitStatus {
  kExitClean = 0,  // SIGTERM or SIGINT: detached
  kExitUsage = 2,
  kExitArena = 3,   // it did not appear, or is not one of ours
  kExitHeld = 4,    // another chip runs on it
  kExitOrphan = 5,  // no host heartbeat for --orphan-ttl
};                  // and kCrashStatus (86) after --crash-after

struct ChipOptions {
  std::string arena;
  std::string lock;  // default: arena + ".lock"
  std::string program = "echo,vector_add";
  std::vector<std::string> arguments;  // for a user's program
  Faults::Config faults;
  SourceChannel::Config source;
  uint64_t spin_us = 100;
  absl::Duration orphan_ttl = absl::Seconds(60);
  absl::Duration wait_arena = absl::Seconds(30);
};

// nullopt when the process should end now, with *status: after --help, --version or a wrong flag, which it has explained.
absl::optional<ChipOptions> ParseChipOptions(int argc, char** argv, int* status);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_CHIP_OPTIONS_H_
