// The protocol of one attached Stream: frames in, frames out, over the lanes that its lease covers.
//
// Sans-IO: no gRPC, no threads, no clock. Whoever drives it (ChannelStream, tests) holds the chip worker's lock, hands in
// frames, lane activity and time, and calls Fill whenever a frame can be written. After each call it looks at ended() and
// at next_timer().
//
//   attached --half-close--> lingering --linger's end--> ended OK
//       |---- detach --------------------------------> ended OK
//       '---- error, lease lost, lane gone ----------> ended with the reason
//
// What waits to be sent is bounded by construction: progress and states are only ever the newest, messages stay in the ring,
// and of renewals the last few.
#ifndef L3LINK_SERVER_CHANNEL_LANE_SESSION_H_
#define L3LINK_SERVER_CHANNEL_LANE_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "backends/host/mono_time.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/inbound_lane.h"
#include "server/channel/linger.h"
#include "server/channel/outbound_lane.h"
#include "server/fifo.h"

namespace l3link {

struct SessionSetup {
  std::string session_id;
  bool session_made_up = false;  // by the node
  absl::Duration lease_ttl;
  bool resumed = false;
  uint64_t max_frame_bytes = uint64_t{1} << 20;  // taken of the client; it is told delivery's, which may be less
  LingerEnd linger;

  // Null where the stream does not hold that direction.
  LaneProducer* producer = nullptr;
  HeldLane to_chip;
  SendWindow send_window;
  LaneConsumer* consumer = nullptr;
  HeldLane to_host;
  DeliveryOptions delivery;
};

class LaneSession {
 public:
  LaneSession(const SessionSetup& setup, MonoTime now);

  // --- What happens. ---
  void OnFrame(v1::StreamRequest& frame, MonoTime now);
  // `payload`: of packed messages or a fragment, wherever it lies.
  void OnFrame(v1::StreamRequest& frame, FramePayload& payload, MonoTime now);
  void OnHalfClose(MonoTime now);
  // The chip rang one of the lanes.
  void OnActivity(MonoTime now);
  // The frame that Fill filled last has left.
  void OnWritten(MonoTime now);
  void OnTimer(MonoTime now);
  void OnChipState(bool lost, const std::string& detail);
  // The node stops at `deadline`.
  void OnDraining(MonoTime deadline);
  // From outside: the lease is lost. The lanes are still there.
  void End(absl::Status status);
  // A lane was reset or its channel closed: it is not touched any more.
  void OnLaneGone(bool channel_closed, const LaneKey& key, uint64_t new_generation);

  // --- What to do. ---
  // The next frame for the client; false: none now. Keeps what `frame` has allocated where it can.
  bool Fill(v1::StreamResponse* frame, MonoTime now);
  bool ended() const { return ended_; }
  bool receives() const { return outbound_.has_value(); }
  // Once ended: what the client is told; and whether the lanes are to be free at once.
  const absl::Status& status() const { return status_; }
  bool releases_lanes() const;
  // When OnTimer is wanted; kNever: not at all.
  MonoTime next_timer() const;
  // Half-closed: the client cannot renew any more, its open call does.
  bool lingering() const { return linger_.begun(); }

 private:
  struct Renewal {
    uint64_t token = 0;
    bool with_messages = false;
  };

  void Check(const absl::Status& status);
  void OnMessages(v1::Messages& messages, FramePayload& payload, MonoTime now);
  void OnAck(const v1::Ack& ack);
  void OnRenew(uint64_t token, bool with_messages);
  void PumpInbound();
  void MaybeFinishLinger(MonoTime now);
  void WatchProgress(MonoTime now);
  bool ProgressDue() const;
  bool HasProgressTurn() const;    // before messages that do not take it along
  bool ProgressGoesAlong() const;  // with messages
  absl::Status WithPositions(const absl::Status& status) const;
  void FillAttached(v1::Attached* attached) const;
  void FillRenewed(v1::Renewed* renewed);
  void FillProgress(v1::Progress* progress);
  bool FillMessages(v1::StreamResponse* frame, MonoTime now);

  const SessionSetup setup_;
  absl::optional<InboundLane> inbound_;
  absl::optional<OutboundLane> outbound_;
  Linger linger_;

  bool attached_told_ = false;
  bool progress_turn_ = false;  // messages and progress take turns when both wait and neither takes the other along
  bool frame_in_flight_ = false;
  std::unique_ptr<v1::Messages> spare_messages_;  // with its buffers, while the frame holds something else
  Fifo<Renewal> renewals_;
  absl::optional<v1::ChipStateChanged> chip_state_;
  MonoTime drain_deadline_ = kNever;
  bool draining_untold_ = false;
  MonoTime look_for_consumed_ = kNever;  // when to ask the chip how far it is
  MonoTime tell_little_at_ = kNever;     // when to tell what is published, little as it may be
  bool tell_little_ = false;             // it is time
  bool ended_ = false;
  bool lane_gone_ = false;
  absl::Status status_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LANE_SESSION_H_
