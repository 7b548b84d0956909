// A unary call that works on lanes and may have to wait for the chip: Send for room, Receive for messages.
//
// The work is a Try under the chip worker's lock. When it cannot go on, the call puts itself among the lanes' waiters and is
// tried again by the doorbell thread, until its deadline comes by the node's ticker; no thread waits. The reactor keeps
// itself alive until gRPC is done with it.
#ifndef L3LINK_SERVER_CHANNEL_LANE_CALL_H_
#define L3LINK_SERVER_CHANNEL_LANE_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "backends/host/host_channel.h"
#include "backends/worker/chip_worker.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

class LaneCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<LaneCall> {
 public:
  LaneCall(Node* node, Leases* leases, grpc::CallbackServerContext* context);

  // Looks the channel up, tries once, and finishes or waits: at most `timeout`, and no longer than the call's own deadline.
  static grpc::ServerUnaryReactor* Start(const std::shared_ptr<LaneCall>& call, const v1::ChannelId& channel,
                                         absl::Duration timeout);

 protected:
  // Under the chip worker's lock. Prepare: once, refuses what is wrong in the request.
  virtual absl::Status Prepare() = 0;
  // Does what can be done now. Nothing: go on waiting for `waits_on`, whose chip side has been asked to ring.
  virtual absl::optional<absl::Status> Try(MonoTime now, std::vector<HostLane*>* waits_on) = 0;
  // The time is over.
  virtual absl::Status TimedOut() = 0;

  HostChannel& channel() { return *channel_; }
  LeaseTable& leases() { return leases_.of(*worker_); }
  const NodeLimits& limits() const { return node_.limits(); }

 private:
  // Tells the call of its lanes.
  class Ear final : public LaneListener {
   public:
    explicit Ear(LaneCall* call) : call_(call) {}
    void OnLaneActivity() override { call_->TryLocked(MonoNow()); }
    void OnLaneGone(bool channel_closed) override { call_->GoneLocked(channel_closed); }

   private:
    LaneCall* const call_;
  };
  // Finishes the reactor after the lock.
  class Finisher final : public DeferredAction {
   public:
    explicit Finisher(LaneCall* call) : call_(call) {}
    void RunDeferred() override { call_->Finish(call_->status_); }

   private:
    LaneCall* const call_;
  };

  void OnCancel() override;
  void OnDone() override { self_.reset(); }

  absl::Status FindLocked(const v1::ChannelId& id);
  void TryLocked(MonoTime now);
  void GoneLocked(bool channel_closed);
  void WaitLocked(std::vector<HostLane*> lanes);
  void StopWaitingLocked();
  void FinishLocked(const absl::Status& status);
  void SetTimerLocked(MonoTime now);
  void OnTimer(MonoTime now);

  Node& node_;
  Leases& leases_;
  grpc::CallbackServerContext* const context_;
  ChipWorker* worker_ = nullptr;
  std::shared_ptr<LaneCall> self_;  // until OnDone

  // Under worker_'s lock.
  std::shared_ptr<HostChannel> channel_;
  Ear ear_{this};
  Finisher finisher_{this};
  std::vector<HostLane*> waiting_on_;
  MonoTime deadline_ = kNever;
  uint64_t timer_ = 0;  // 0: none
  bool finished_ = false;
  grpc::Status status_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LANE_CALL_H_
