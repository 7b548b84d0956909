// What happens when memory under a mapping is gone: a truncated file raises SIGBUS at the next touch. The handler puts
// private zero pages over the whole mapping and sets a flag; the process lives, and whoever reports anything looks at the
// flag first.
//
// One handler a process, installed by the first watch and kept; SIGBUS elsewhere goes where it went before. The handler may
// run on any thread.
#ifndef L3LINK_BACKENDS_SIM_ARENA_FAULT_H_
#define L3LINK_BACKENDS_SIM_ARENA_FAULT_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace l3link {

// Watches one mapping for as long as it lives; end it before unmapping.
class ArenaFaultWatch {
 public:
  // RESOURCE_EXHAUSTED when too many are watched.
  static absl::StatusOr<std::unique_ptr<ArenaFaultWatch>> Start(absl::Span<std::byte> mapping);
  ~ArenaFaultWatch();

  // Set (release) after the pages were replaced. Lives as long as the process.
  const std::atomic<bool>* flag() const { return flag_; }

 private:
  ArenaFaultWatch(int slot, const std::atomic<bool>* flag) : slot_(slot), flag_(flag) {}

  const int slot_;
  const std::atomic<bool>* const flag_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_ARENA_FAULT_H_
