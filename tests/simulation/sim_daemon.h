// The daemon: objects, leases and streams over memory that outlives them. It can be killed between any two steps, or in the
// middle of the stores of the last one.
//
// Owned by Simulation; one thread. What the real one does under the chip worker's lock is one call here.
#ifndef L3LINK_TESTS_SIMULATION_SIM_DAEMON_H_
#define L3LINK_TESTS_SIMULATION_SIM_DAEMON_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/budget.h"
#include "tests/simulation/sim_stream.h"

namespace l3link::simulation {

class SimDaemon {
 public:
  SimDaemon(World* world, SimArena* arena, Oracle* oracle);

  bool up() const { return leases_ != nullptr; }
  bool paused() const { return world_.now < paused_until_; }
  bool working() const { return up() && !paused(); }
  void Pause(uint64_t us);

  // The first frame of a call, or a later one.
  void OnFrame(SimCall* call, v1::StreamRequest& frame);
  // The network took a frame of this call.
  void OnTaken(SimCall* call);
  void OnOver(SimCall* call);
  void OnTime();
  // The doorbell's thread: sleeps unless rung.
  void Look();
  void Audit();
  void ResetLane(LaneTruth& lane);
  void ReleaseLease(LaneTruth& lane);

  // Dies. `call`: of the frame that was handled last, in the middle of which it may have been.
  void Kill(const SimCall* call);
  void Restart();
  // The next frame's effects will not be seen by anybody but the memory.
  void Mute();

 private:
  SimStream* StreamOf(const SimCall* call);
  void Forget();
  void NoticeExpired();
  void Tear(const Actor& actor);
  bool TearLane(LaneTruth& lane);
  void LoseDeliveries();
  void LosePublished();

  World& world_;
  SimArena& arena_;
  Oracle& oracle_;
  Budget lease_budget_{"leases", 1000};
  std::unique_ptr<LeaseTable> leases_;
  std::unique_ptr<SimNode> node_;
  std::vector<std::unique_ptr<SimStream>> streams_;
  Actor last_actor_;  // of the step in which it died
  std::shared_ptr<const Log> last_log_;
  std::vector<uint64_t> hot_counts_;  // when it was muted
  MonoTime next_tick_ = {};
  MonoTime last_tick_ = kNever;
  MonoTime paused_until_ = {};
  MonoTime wakes_at_ = {};
  bool asleep_ = false;
  uint32_t bell_ = 0;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_DAEMON_H_
