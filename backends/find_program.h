// Where a program of L3Link is: as one that was asked for by name, in the build tree, in an installed tree, or on PATH.
#ifndef L3LINK_BACKENDS_FIND_PROGRAM_H_
#define L3LINK_BACKENDS_FIND_PROGRAM_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

struct ProgramPlaces {
  const char* name;          // "l3link-sim-chip"
  const char* build_folder;  // of the build tree: "backends/sim/chip"
  const char* variable;      // of the environment: "L3LINK_SIM_CHIP"
  const char* remedy;        // how to name it: "--sim-chip or L3LINK_SIM_CHIP"
};

// In this order: `asked`; the variable; for `beside` and then the running executable: in its folder, in the bin beside its folder
// (PREFIX/lib to PREFIX/bin), and in build_folder below any folder above it; on PATH. NOT_FOUND names where it was looked for;
// what was asked for by name is never replaced. `beside`: a library that runs it; empty: none.
absl::StatusOr<std::string> FindProgram(const ProgramPlaces& places, const std::string& asked,
                                        const std::string& beside = "");

// The file that holds `address`, code or data of a library or of the program itself; empty where that is unknown.
std::string FileThatHolds(const void* address);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_FIND_PROGRAM_H_
