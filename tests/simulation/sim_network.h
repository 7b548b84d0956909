// The calls between clients and node, the links they go over, and what may go wrong with either.
//
// Owned by Simulation; one thread. Frames of a call keep their order; a blocked link holds them back until it heals or the
// connection breaks; of a broken connection the two ends learn at different times, and frames that reached the node's end
// before are still handled.
#ifndef L3LINK_TESTS_SIMULATION_SIM_NETWORK_H_
#define L3LINK_TESTS_SIMULATION_SIM_NETWORK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/simulation/sim_call.h"
#include "tests/simulation/sim_daemon.h"

namespace l3link::simulation {

class SimNetwork {
 public:
  SimNetwork(World* world, SimDaemon* daemon) : world_(*world), daemon_(*daemon), links_(world->knobs.clients) {}

  // The client's end. It lives until both ends have let go of it.
  SimCall* Start(uint32_t client, int session, std::shared_ptr<const Log> log);
  bool CanWrite(const SimCall& call) const { return call.up.size() < SimCall::kWritesAhead; }
  void Write(SimCall& call, const v1::StreamRequest& frame);
  // The client waits for nothing more.
  void Cancel(SimCall& call);

  // Whether something of this client's call could be handed over now.
  bool HasRequest(const SimCall& call) const;
  bool HasResponse(const SimCall& call) const;
  // Takes it. The daemon works.
  std::unique_ptr<v1::StreamRequest> TakeRequest(SimCall& call);
  SimCall::Response TakeResponse(SimCall& call);

  // Links and connections.
  void Block(uint32_t client, bool up, bool down, uint64_t us);
  void Break(SimCall& call);
  // A sloppy client: one of its frames that are on their way is sent again behind the others, or what one frame has again at
  // the front of the next.
  bool Duplicate(SimCall& call);
  bool Overlap(SimCall& call);
  // The daemon died, and with it its end of all calls.
  void NodeDied();
  void OnTime();
  const std::vector<std::unique_ptr<SimCall>>& calls() const { return calls_; }

 private:
  struct Link {
    MonoTime up_blocked_until = {};
    MonoTime down_blocked_until = {};
  };

  World& world_;
  SimDaemon& daemon_;
  std::vector<Link> links_;
  std::vector<std::unique_ptr<SimCall>> calls_;
  uint32_t newest_ = 0;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_NETWORK_H_
