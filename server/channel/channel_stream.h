// ChannelService.Stream: brings together the RPC (StreamCall), the lanes it holds (LaneGrip) and the node's timer.
//
//   new --attach--> attached --(session ends)--> over
//    |  `--held, WAIT--> waiting --turn--^        ^
//    `------ attach timeout, refused, client gone-'
//
// Frames and the ends of writes come on the call's queue thread, lane activity on the doorbell thread, timers on the
// ticker's: all of it happens under the chip worker's lock, and whoever finds something to send starts the write itself,
// right after the lock. Before attach there is no chip: then mu_ decides between the first frame and the attach timeout.
#ifndef L3LINK_SERVER_CHANNEL_CHANNEL_STREAM_H_
#define L3LINK_SERVER_CHANNEL_CHANNEL_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "backends/worker/chip_worker.h"
#include "server/answer_wait.h"
#include "server/channel/attach_plan.h"
#include "server/channel/channel_service_base.h"
#include "server/channel/frame_payload.h"
#include "server/channel/lane_grip.h"
#include "server/channel/leases.h"
#include "server/channel/stream_anchor.h"
#include "server/node.h"
#include "server/rpc/deferred_start.h"

namespace l3link {

class ChannelStream final : public StreamHandler<grpc::ByteBuffer>, public Anchored, LaneUser, ChipListener {
 public:
  ChannelStream(Node* node, Leases* leases, StreamAnchors* anchors, ChannelStreamCall* call);

  void OnFrame(grpc::ByteBuffer& bytes) override;
  void OnHalfClose() override;
  void OnWritten(bool ok) override;
  void OnOver(bool cancelled) override;

  // From the ticker and from whoever starts the node's draining, through the anchor.
  void OnTimer(MonoTime now) override;
  void OnDraining(MonoTime deadline) override;

 private:
  enum class Phase { kNew, kWaiting, kAttached, kOver };
  struct EarlyFrame {
    v1::StreamRequest frame;
    FramePayload payload;
  };

  // LaneUser and ChipListener: under the chip worker's lock.
  void OnActivity() override;
  void OnGone(bool channel_closed, const LaneKey& key) override;
  void OnLeaseLost(const absl::Status& why) override;
  void OnLeaseTurn() override;
  void OnChipState(ChipState state, const std::string& detail) override;

  void OnFirstFrame(v1::StreamRequest& frame);
  void RefuseFirst(const absl::Status& status);
  // Locked: under worker_'s ChipLock.
  void TryAttachLocked(MonoTime now);
  void WaitLocked(const absl::Status& held, MonoTime now);
  void BeginLocked(std::unique_ptr<LaneGrip> grip, MonoTime now);
  void KeepForLaterLocked(v1::StreamRequest& frame, FramePayload payload);
  void HandleLocked(v1::StreamRequest& frame, FramePayload& payload, MonoTime now);
  bool ExpectsAnswersLocked() const;
  void EndByFrameLocked(const absl::Status& why, MonoTime now);
  // Sends what there is to send, ends what has ended, sets the timer.
  void PumpLocked(MonoTime now);
  void FillClaimedLocked(MonoTime now);
  void EndLocked(const absl::Status& status);
  void LeaveLocked();
  void StartLater(bool owed);
  void SetTimerLocked(MonoTime when);
  // Without a lock: the call ends.
  void Refuse(const absl::Status& status);

  Node& node_;
  Leases& leases_;
  StreamAnchors& anchors_;
  ChannelStreamCall& call_;
  DeferredStart start_;
  const std::shared_ptr<StreamAnchor> anchor_;
  const absl::StatusOr<std::string> principal_;
  bool counted_ = false;  // in node_.streams()

  absl::Mutex mu_;
  bool first_frame_seen_ ABSL_GUARDED_BY(mu_) = false;  // or the attach timeout: whichever came first

  AnswerWait answer_wait_;
  ChipWorker* worker_ = nullptr;  // set by the first frame, before phase_ leaves kNew

  // Under worker_'s lock from then on.
  Phase phase_ = Phase::kNew;
  AttachPlan plan_;
  MonoTime wait_until_ = kNever;
  absl::Status held_;                     // what a waiting stream is told when its wait is over
  std::vector<EarlyFrame> early_frames_;  // came while waiting
  uint64_t early_bytes_ = 0;
  bool half_closed_ = false;
  MonoTime half_close_at_ = kNever;  // when the session is told
  std::unique_ptr<LaneGrip> grip_;
  MonoTime timer_at_ = kNever;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_CHANNEL_STREAM_H_
