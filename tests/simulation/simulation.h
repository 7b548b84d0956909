// One seed: clients, network, daemon, chip and clock, stepped by chance, watched by the oracle.
//
// One thread, no real time, no real input or output: a seed and the number of steps say everything.
#ifndef L3LINK_TESTS_SIMULATION_SIMULATION_H_
#define L3LINK_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/sim_arena.h"
#include "tests/simulation/sim_chip.h"
#include "tests/simulation/sim_client.h"
#include "tests/simulation/sim_daemon.h"
#include "tests/simulation/sim_network.h"

namespace l3link::simulation {

class Simulation {
 public:
  // `arena` is used anew. Knobs are chosen by the seed.
  Simulation(uint64_t seed, Plant plant, bool keep_trace, SimArena* arena, Counters* counters);

  // True: every invariant held.
  bool Run(uint32_t steps);

  const World& world() const { return world_; }

 private:
  void ChooseKnobs();
  void Step();
  void PassTime();
  void Act();
  void Fault();
  void MoreFaults();
  void DeliverRequests(uint32_t most);
  void DeliverResponses(uint32_t most);
  void HandleRequest(SimCall& call);
  void KillDaemon();
  void AttackLane();
  void CheckEnd();
  bool Stalls(uint32_t client) const { return world_.now < client_stalls_until_[client]; }
  SimCall* AnyCall(bool (SimNetwork::*has)(const SimCall&) const);
  LaneTruth& AnyLane() { return oracle_->lanes()[world_.random.Below(oracle_->lanes().size())]; }

  World world_;
  SimArena& arena_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<SimDaemon> daemon_;
  std::unique_ptr<SimNetwork> network_;
  std::unique_ptr<SimChip> chip_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  int newest_session_ = 0;
  uint64_t newest_content_ = 0;
  MonoTime daemon_returns_ = kNever;
  MonoTime chip_stalls_until_ = {};
  MonoTime chip_returns_ = kNever;
  std::vector<MonoTime> client_returns_;
  std::vector<MonoTime> client_stalls_until_;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIMULATION_H_
