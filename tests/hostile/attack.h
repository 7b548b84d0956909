// The ways in which the hostile chip breaks the contract of shared memory, one a row of the fault table.
//
// Used by hostile_chip.cc on its one thread. An attack touches nothing but the lane it is given (and its channel's geometry,
// or doorbells, where its name says so): what else goes wrong is the node's fault.
#ifndef L3LINK_TESTS_HOSTILE_ATTACK_H_
#define L3LINK_TESTS_HOSTILE_ATTACK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"

namespace l3link {

// Both directions of the attacked lane, as the chip's honest calls opened them.
struct AttackedLane {
  l3_channel* channel;
  uint32_t index;
  l3_receiver* in;
  l3_sender* out;
};

class Attack {
 public:
  virtual ~Attack() = default;

  // The deed, when the trigger message came.
  virtual void Strike(AttackedLane lane) = 0;

  // Again and again afterwards; false where once is enough.
  virtual bool GoOn(AttackedLane) { return false; }
};

// nullptr for an unknown name.
std::unique_ptr<Attack> MakeAttack(const std::string& name);
std::vector<std::string> AttackNames();

}  // namespace l3link

#endif  // L3LINK_TESTS_HOSTILE_ATTACK_H_
