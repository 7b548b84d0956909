// Where l3link-sim-chip is.
#ifndef L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
#define L3LINK_BACKENDS_SIM_CHIP_BINARY_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

// As FindProgram has it: `asked`, the variable L3LINK_SIM_CHIP, around `beside` and the running executable, on PATH.
absl::StatusOr<std::string> FindChipBinary(const std::string& asked, const std::string& beside = "");

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_BINARY_H_
