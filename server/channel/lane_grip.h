// What an attached stream holds of the node: lease, lanes and their listeners, its share of the windows' budget; and the
// session that works with them.
//
// Made and destroyed under the chip worker's lock; all of it is given back exactly once, whichever way the stream ends.
#ifndef L3LINK_SERVER_CHANNEL_LANE_GRIP_H_
#define L3LINK_SERVER_CHANNEL_LANE_GRIP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "backends/host/host_channel.h"
#include "backends/worker/chip_worker.h"
#include "server/channel/attach_plan.h"
#include "server/channel/lane_session.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

// A stream, as its lanes know it. Under the lock.
class LaneUser : public LeaseHolder {
 public:
  virtual void OnActivity() = 0;
  virtual void OnGone(bool channel_closed, const LaneKey& key) = 0;
};

class LaneGrip {
 public:
  // Takes everything or nothing. LANE_HELD, LANES_ALL_HELD and what else ChannelService.Stream lists for attach.
  static absl::StatusOr<std::unique_ptr<LaneGrip>> Take(Node& node, Leases& leases, ChipWorker& worker,
                                                        const AttachPlan& plan, LaneUser* user, MonoTime now);
  // Gives everything back. The session has ended: the lease is released if its status says so, else it runs on.
  ~LaneGrip();

  LaneGrip(const LaneGrip&) = delete;
  LaneGrip& operator=(const LaneGrip&) = delete;

  LaneSession& session() { return *session_; }
  void Renew(MonoTime now) {
    if (lease_ != nullptr) leases_.Renew(lease_, now);
  }
  // The table has forgotten the lease.
  void LeaseIsLost() { lease_ = nullptr; }
  uint64_t GenerationOf(const LaneKey& key) const { return channel_->lane(key.direction, key.lane).generation; }

 private:
  // Tells the user of one lane.
  class Ear final : public LaneListener {
   public:
    Ear(LaneUser* user, HostLane* lane, const LaneKey& key);
    ~Ear() override;
    void OnLaneActivity() override { user_->OnActivity(); }
    void OnLaneGone(bool channel_closed) override { user_->OnGone(channel_closed, key_); }

   private:
    LaneUser* const user_;
    HostLane* const lane_;
    const LaneKey key_;
  };

  LaneGrip(Node& node, LeaseTable& leases, std::shared_ptr<HostChannel> channel)
      : node_(node), leases_(leases), channel_(std::move(channel)) {}

  absl::Status TakeWindow(const LaneGeometry& geometry);
  absl::Status TakeLease(const AttachPlan& plan, const std::vector<LaneNow>& lanes, LaneUser* user, MonoTime now);
  absl::Status Resume(const AttachPlan& plan);
  void Begin(const AttachPlan& plan, LaneUser* user, MonoTime now);

  Node& node_;
  LeaseTable& leases_;
  const std::shared_ptr<HostChannel> channel_;
  Lease* lease_ = nullptr;
  uint64_t window_bytes_ = 0;
  SessionSetup setup_;
  absl::optional<Ear> to_chip_ear_;
  absl::optional<Ear> to_host_ear_;
  absl::optional<LaneSession> session_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LANE_GRIP_H_
