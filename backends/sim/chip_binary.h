// Where l3link-sim-chip is.
#ifndef L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
#define L3LINK_BACKENDS_SIM_CHIP_BINARY_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

// In this order: `asked`; the variable L3LINK_SIM_CHIP; beside the running executable; backends/sim/chip below any folder
// above it (the build tree). NOT_FOUND names where it was looked for; what was asked for by name is never replaced.
absl::StatusOr<std::string> FindChipBinary(const std::string& asked);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
