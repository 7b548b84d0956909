// Tells the health service of each chip's life: chip/N serves while its program runs.
//
// Made after the chips and the health service, destroyed before both.
#ifndef L3LINK_SERVER_CHIP_HEALTH_H_
#define L3LINK_SERVER_CHIP_HEALTH_H_

#include <memory>
#include <vector>

#include "server/health.h"
#include "server/node.h"

namespace l3link {

class ChipHealth {
 public:
  ChipHealth(Node* node, HealthService* health);
  ~ChipHealth();

 private:
  class Listener;

  std::vector<std::unique_ptr<Listener>> listeners_;  // by worker id
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHIP_HEALTH_H_
