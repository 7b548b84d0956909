// What a hostile chip scribbles on a lane, and which poisons may come of it.
#ifndef L3LINK_TESTS_SIMULATION_ATTACKS_H_
#define L3LINK_TESTS_SIMULATION_ATTACKS_H_

#include "tests/simulation/oracle.h"

namespace l3link::simulation {

// One random attack on the lane, which was not attacked before, and the oracle knows of it. False: none was possible now.
bool Attack(World& world, SimArena& arena, Oracle& oracle, LaneTruth& lane);

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_ATTACKS_H_
