#include "backends/sim/chip_binary.h"

#include "backends/find_program.h"

namespace l3link {

absl::StatusOr<std::string> FindChipBinary(const std::string& asked, const std::string& beside) {
  constexpr ProgramPlaces kPlaces = {"l3link-sim-chip", "backends/sim/chip", "L3LINK_SIM_CHIP",
                                     "--sim-chip or L3LINK_SIM_CHIP"};
  return FindProgram(kPlaces, asked, beside);
}

}  // namespace l3link
