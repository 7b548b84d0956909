// Runs the built-in programs on an attached chip until it is told to stop: follows the directory, gives every object its
// turns, spins a little when there is nothing to do, and then sleeps on the doorbell.
//
// Built and run by main.cc; everything happens on that one thread. While nothing happens it looks at its lanes four times a
// second, however many there are, and at nothing in between.
#ifndef L3LINK_BACKENDS_SIM_CHIP_CHIP_LOOP_H_
#define L3LINK_BACKENDS_SIM_CHIP_CHIP_LOOP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/sim/chip/chip_life.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/program_registry.h"
#include "backends/sim/chip/servant.h"

namespace l3link {

class ChipLoop {
 public:
  // All outlive the loop; `chip` is attached.
  ChipLoop(l3_chip* chip, ChipLife* life, const ProgramRegistry* registry, Faults* faults, uint64_t spin_us);
  // Prints the programs' summaries.
  ~ChipLoop();

  // Until life->stopped().
  void Run();

 private:
  struct Served {
    uint64_t generation;
    uint32_t index;  // in the directory
    uint64_t hot_until_us;
    std::unique_ptr<Servant> servant;  // null: no program is bound to it
  };

  void FollowDirectory(uint64_t version);
  bool Turn(uint64_t now_us);
  void Sleep(uint64_t now_us);
  bool AnyReady(uint64_t now_us, uint64_t* due_us);
  static void Retire(const Served& served);

  l3_chip* const chip_;
  ChipLife* const life_;
  const ProgramRegistry* const registry_;
  Faults* const faults_;
  const uint64_t spin_us_;
  std::vector<Served> served_;  // ordered by generation
  size_t first_ = 0;            // whose turn is first; within served_ unless that is empty
  uint64_t next_look_everywhere_us_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_CHIP_LOOP_H_
