// What a lane stream knows and decides, without a connection: attaching, sending, receiving, renewing, resuming, giving up.
//
// Sans-IO: no gRPC, no threads, no clock; time and frames come in, frames and deadlines go out. StreamDriver owns one, calls
// it under its lock and does what it says. Steps:
//
//   kAttaching --attached--> kOpen --call broke--> kBroken --retry_at--> kAttaching ...
//        any --fatal status, lease over, detach answered--> kEnded
//
// A call that says nothing for too long (an attach or a renewal without an answer) is broken off, to be made again over a
// fresh connection while the lease still lasts.
#ifndef L3LINK_CLIENT_STREAM_SESSION_H_
#define L3LINK_CLIENT_STREAM_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/flight_limit.h"
#include "client/lease_clock.h"
#include "client/packed_frame.h"
#include "client/receive_queue.h"
#include "client/send_queue.h"
#include "client/steady_time.h"
#include "client/stream_options.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

class StreamSession {
 public:
  enum class State { kAttaching, kOpen, kBroken, kEnded };

  // `node` is for messages; `jitter` in [0, 1) spreads the back-offs of many clients.
  StreamSession(std::string node, const v1::ChannelId& channel, const StreamOptions& options, double jitter);

  // A call is ready for its first frame: attach.
  RequestFrame OnCallStarted(MonoTime now);
  // A frame came. What cannot be is kEnded afterwards.
  void OnFrame(const ResponseFrame& frame, MonoTime now);
  // The call is over; `status` may be OK.
  void OnCallEnded(const absl::Status& status, MonoTime now);
  // Looks at the clock: a lease that is over ends the session.
  void OnTime(MonoTime now);
  // The next frame for the wire, or null. Checks the lease first.
  RequestFrame NextFrame(MonoTime now);
  // When to call OnTime (and NextFrame, break off, or in kBroken start a call) next. `writing`: a write is under way, so
  // that nothing can be sent before it is done.
  MonoTime NextDeadline(bool writing = false) const;
  // The call has said nothing for too long: say OnBreakingOff, cancel it, and make the next one over a fresh connection.
  bool ShouldBreakOff(MonoTime now) const { return now >= SilentAt(); }
  void OnBreakingOff();
  bool ShouldStartCall(MonoTime now) const { return state_ == State::kBroken && now >= retry_at_; }
  void OnCallStarting();
  // Whether this is about resuming; the first attach fails where a later one waits for the node.
  bool ever_attached() const { return ever_attached_; }

  // After all that was taken is sent, the next frame is detach; the node then ends the call. Broken before that, the stream
  // is resumed to say it again.
  void RequestDetach() { detach_ = true; }
  bool detach_sent() const { return detach_sent_; }
  // Ends here and now, for this reason.
  void End(const absl::Status& status);

  State state() const { return state_; }
  const absl::Status& status() const { return status_; }  // why it ended
  // OK as long as messages may be taken to send.
  absl::Status CheckSend(const OutgoingMessage& message) const;
  absl::Status CheckReceive() const;
  // Fills in the facts of the message that is received next. Errors: INVALID_ARGUMENT (MESSAGE_TOO_LARGE) for its room.
  absl::Status CheckRoom(IncomingMessage* message) const;
  bool sends() const { return options_.send.by != LaneChoice::By::kNone; }
  bool receives() const { return options_.receive.by != LaneChoice::By::kNone; }

  SendQueue& send() { return send_; }
  ReceiveQueue& receive() { return receive_; }
  const SendQueue& send() const { return send_; }
  const ReceiveQueue& receive() const { return receive_; }
  StreamPositions Positions() const;
  const StreamOptions& options() const { return options_; }

 private:
  absl::Status OnProgress(const v1::Progress& progress);
  void OnAttached(const v1::Attached& attached, MonoTime now);
  absl::Status FirstAttach(const v1::Attached& attached);
  absl::Status Reattach(const v1::Attached& attached);
  absl::Status CheckSameLane(const v1::AttachedLane& before, const v1::AttachedLane& now) const;
  SendQueue::Limits LimitsOf(const v1::Attached& attached) const;
  void EndIfExpired(MonoTime now);
  // When the call under way has been silent for too long; never: it may take its time.
  MonoTime SilentAt() const;
  RequestFrame RenewFrame(MonoTime now);
  // What goes along with messages: an ack, a renewal, and that there are more.
  void Carry(v1::Messages& messages, MonoTime now);
  bool RenewalDue(MonoTime now) const { return now >= lease_.next_renewal() || flight_.ProbeDue(); }
  uint64_t Renew(MonoTime now) {
    const uint64_t token = lease_.Renew(now);
    flight_.OnProbe(token, now);
    return token;
  }
  absl::Status Describe(const absl::Status& status) const;

  const std::string node_;
  const v1::ChannelId channel_;
  const StreamOptions options_;
  const double jitter_;
  State state_ = State::kAttaching;
  absl::Status status_;
  absl::Status last_break_;
  v1::Attached attached_;  // the newest
  bool ever_attached_ = false;
  bool confirming_ = false;  // attached, but the lease must be renewed once before it counts
  MonoTime attach_sent_ = kNever;
  MonoTime heard_at_ = kNever;  // the newest frame
  int silences_ = 0;            // calls broken off since a frame came besides attached
  bool breaking_off_ = false;
  MonoTime retry_at_ = kNever;
  int attempts_ = 0;  // since last open
  uint64_t reconnects_ = 0;
  bool detach_ = false;
  bool detach_sent_ = false;
  bool chip_lost_ = false;
  bool draining_ = false;
  LeaseClock lease_;
  FlightLimit flight_;
  SendQueue send_;
  ReceiveQueue receive_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_STREAM_SESSION_H_
