// A user's own chip program: a shared object built from C (or C++) against backends/abi, run instead of the built-in ones.
//
// It defines one function,
//
//   int l3_program_main(struct l3_chip* chip, int argc, char** argv);
//
// which finds an attached chip, does all the work itself with the calls of backends/abi, and returns when a wait answers
// L3_ESTOPPED (or l3_stopped(chip) says so): 0, or a status for the process to end with. argv[0] is the path, the rest is what
// stood behind the flags. When the node makes its arena anew, it is called again on the new one. See examples/upper.c.
#ifndef L3LINK_BACKENDS_SIM_CHIP_USER_PROGRAM_H_
#define L3LINK_BACKENDS_SIM_CHIP_USER_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/abi/chip.h"

namespace l3link {

class UserProgram {
 public:
  // Whether --program names one, and not a list of built-in programs.
  static bool IsPath(const std::string& program);

  // NOT_FOUND with the loader's own words. Stays loaded for the life of the process.
  static absl::StatusOr<UserProgram> Load(const std::string& path, const std::vector<std::string>& arguments);

  int Run(l3_chip* chip);

 private:
  using Main = int (*)(l3_chip* chip, int argc, char** argv);
  UserProgram(Main main, std::vector<std::string> arguments) : main_(main), arguments_(std::move(arguments)) {}

  Main main_;
  std::vector<std::string> arguments_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_USER_PROGRAM_H_
