// The chip: an echo program over the real chip-side calls. Lane i is answered on lane i; its progress is noted in the ring, so
// that it neither loses nor doubles across its own death. Its evil twin is in attacks.h.
//
// Owned by Simulation; one thread.
#ifndef L3LINK_TESTS_SIMULATION_SIM_CHIP_H_
#define L3LINK_TESTS_SIMULATION_SIM_CHIP_H_

#include <cstdint>
#include <vector>

#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "tests/simulation/oracle.h"

namespace l3link::simulation {

class SimChip {
 public:
  SimChip(World* world, SimArena* arena, Oracle* oracle);

  bool up() const { return up_; }
  void Attach();
  void Detach();
  // Answers up to `most` messages of one pair of lanes; follows the directory first.
  void Work(uint32_t pair, uint32_t most);
  // The same, and dies: after its answers or before, but not where it would have ended.
  void WorkAndDie(uint32_t pair, uint32_t most);
  // The pair was attacked: its words mean nothing until it is reset.
  void Shun(uint32_t pair) { lanes_[pair].shunned = true; }

 private:
  struct Pair {
    l3_receiver in = {};
    l3_sender out = {};
    bool in_open = false;
    bool out_open = false;
    bool shunned = false;  // hostile: nobody serves it until it is reset
  };

  void Follow();
  void Open(uint32_t pair);
  void FinishPredecessorsWork(Pair* lane);

  World& world_;
  SimArena& arena_;
  Oracle& oracle_;
  bool up_ = false;
  l3_chip chip_ = {};
  l3_channel channel_ = {};
  std::vector<Pair> lanes_;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_CHIP_H_
