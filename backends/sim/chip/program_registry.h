// Which built-in program serves which object: "checksum,vector_add", "echo,sink@bulk-,source@feed".
//
// A list of NAME or NAME@PREFIX. An object goes to the program of its kind (channels: echo, checksum, sink, source; regions:
// vector_add) whose prefix its name begins with; the longest prefix wins, then the one listed first. Without @PREFIX:
// channels of any name; for vector_add names that begin with "vector". Used by ChipLoop, on its thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_PROGRAM_REGISTRY_H_
#define L3LINK_BACKENDS_SIM_CHIP_PROGRAM_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/abi/chip.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/servant.h"
#include "backends/sim/chip/source_channel.h"

namespace l3link {

class ProgramRegistry {
 public:
  // INVALID_ARGUMENT names an unknown program and the known ones.
  static absl::StatusOr<ProgramRegistry> Parse(absl::string_view list, const SourceChannel::Config& source);

  // Opens the object and sets a program on it; nullptr where none is bound to it or it cannot be opened (said on stderr).
  std::unique_ptr<Servant> Serve(l3_chip* chip, const l3_object& object, Faults* faults) const;

  // The name of the program that would serve it; empty: none.
  absl::string_view ProgramFor(uint32_t kind, absl::string_view name) const;

 private:
  struct Binding {
    std::string program;
    std::string prefix;
  };

  std::unique_ptr<Servant> ServeChannel(absl::string_view program, l3_chip* chip, const l3_object& object,
                                        Faults* faults) const;
  std::unique_ptr<Servant> ServeRegion(l3_chip* chip, const l3_object& object, Faults* faults) const;

  std::vector<Binding> bindings_;
  SourceChannel::Config source_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_PROGRAM_REGISTRY_H_
