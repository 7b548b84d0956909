// The node's end of a call: what ChannelStream and LaneGrip do with lease, lanes and session, without gRPC, locks or threads.
//
// Owned by SimDaemon, and gone without a word when that is killed. Each attach is compared with what the oracle expects.
#ifndef L3LINK_TESTS_SIMULATION_SIM_STREAM_H_
#define L3LINK_TESTS_SIMULATION_SIM_STREAM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "server/channel/attach_plan.h"
#include "server/channel/lane_session.h"
#include "server/channel/lease_table.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/sim_call.h"

namespace l3link::simulation {

// What all streams of a daemon work with.
struct SimNode {
  World& world;
  SimArena& arena;
  Oracle& oracle;
  LeaseTable& leases;
  std::function<void()> notice_expired;
  NodeLimits limits = {};
  bool mute = false;  // it will have died before anything it sends now leaves
};

class SimStream final : public LeaseHolder {
 public:
  SimStream(SimNode* node, SimCall* call) : node_(*node), call_(*call) {}

  void OnFrame(v1::StreamRequest& frame);
  // A frame was taken by the network: there is room for more.
  void OnTaken();
  void OnTimer();
  // The client or the connection is gone.
  void OnOver();
  void Pump();
  bool over() const { return phase_ == Phase::kOver; }
  SimCall& call() { return call_; }
  Actor actor() const { return {call_.session, oracle_lease_, call_.log.get()}; }

  // LeaseHolder.
  void OnLeaseLost(const absl::Status& why) override;
  void OnLeaseTurn() override;

 private:
  enum class Phase { kNew, kWaiting, kAttached, kOver };

  class Ear final : public LaneListener {
   public:
    Ear(SimStream* stream, const LaneKey& key);
    ~Ear() override;
    void OnLaneActivity() override;
    void OnLaneGone(bool channel_closed) override;

   private:
    SimStream* const stream_;
    HostLane* const lane_;
    const LaneKey key_;
  };

  void TryAttach();
  // LaneGrip::Take, and what the oracle thinks of it.
  absl::Status Take();
  absl::Status TakeLease(const std::vector<LaneNow>& lanes);
  absl::Status Resume();
  void Begin();
  void CountFrame(const v1::StreamRequest& frame);
  void Handle(v1::StreamRequest& frame);
  void End(const absl::Status& status);
  void Leave();
  void Send(std::shared_ptr<const v1::StreamResponse> frame, const absl::Status& status);

  SimNode& node_;
  SimCall& call_;
  Phase phase_ = Phase::kNew;
  AttachPlan plan_;
  MonoTime wait_until_ = kNever;
  absl::Status held_;
  std::vector<v1::StreamRequest> early_;
  Lease* lease_ = nullptr;
  uint64_t oracle_lease_ = 0;
  SessionSetup setup_;
  absl::optional<Ear> to_chip_ear_;
  absl::optional<Ear> to_host_ear_;
  absl::optional<LaneSession> session_;
  bool writing_ = false;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_STREAM_H_
