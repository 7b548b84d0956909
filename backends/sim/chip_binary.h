// Where l3link-sim-chip is.
#ifndef L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
#define L3LINK_BACKENDS_SIM_CHIP_BINARY_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

// In this order: `asked`; the variable L3LINK_SIM_CHIP; for `beside` and then the running executable: in its folder, and in
// backends/sim/chip below any folder above it (the build tree); on PATH. NOT_FOUND names where it was looked for; what was
// asked for by name is never replaced. `beside`: a library that runs it; empty: none.
absl::StatusOr<std::string> FindChipBinary(const std::string& asked, const std::string& beside = "");

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
