// Runs one StreamSession over gRPC: owns the lock, the conditions that callers wait on, the call and the alarm.
//
// Made and owned by LaneStream (and by Channel's own streams). Callers' threads take the lock, talk to the session, and
// write the next frame themselves when no write is under way; the poller does the same when something completed.
// Frames go to gRPC outside the lock. The destructor cancels what is under way and waits until the poller has let go.
#ifndef L3LINK_CLIENT_STREAM_DRIVER_H_
#define L3LINK_CLIENT_STREAM_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/bidi_call.h"
#include "client/connection.h"
#include "client/message.h"
#include "client/monitor.h"
#include "client/poller.h"
#include "client/stream_options.h"
#include "client/stream_session.h"
#include "grpcpp/alarm.h"
#include "l3link/v1/channel.grpc.pb.h"

namespace l3link::client {

class StreamDriver final : private BidiCall<grpc::ByteBuffer, v1::StreamResponse>::Reactions {
 public:
  // `on_change`: told, by the poller and under no lock, when there is something to receive or the stream is over.
  StreamDriver(std::shared_ptr<Connection> connection, const v1::ChannelId& channel, const StreamOptions& options,
               std::function<void()> on_change = nullptr);
  ~StreamDriver();

  // Starts, and waits until attached. The rest is documented at LaneStream.
  absl::Status Open();
  // `most_unpublished`: besides the window, so many messages of this stream may be taken and not yet in the ring.
  absl::StatusOr<size_t> Send(absl::Span<const OutgoingMessage> messages, absl::Duration timeout,
                              uint64_t most_unpublished = UINT64_MAX);
  absl::Status Flush(absl::Duration timeout);
  absl::StatusOr<ReceivedBatch> Receive(size_t max_messages, absl::Duration timeout);
  // The next message if it fits into `message`'s room, its facts filled in and its payload still to be copied; empty when
  // there is none. Does not wait. Errors: as Receive, and INVALID_ARGUMENT (MESSAGE_TOO_LARGE): its facts are filled in, it
  // is not acknowledged and stays the next one.
  absl::StatusOr<ReceivedBatch> ReceiveFitting(IncomingMessage* message);
  absl::Status Ack(uint64_t through);
  // Waits at most `answer` for the node's answer to detach, and while the connection is broken `away` for it to be resumed.
  absl::Status Close(absl::Duration answer, absl::Duration away);
  void Abandon();
  void Break();
  StreamPositions Positions() const;
  absl::Status status() const;

 private:
  using Call = BidiCall<grpc::ByteBuffer, v1::StreamResponse>;

  void OnStarted() override;
  bool OnRead(std::shared_ptr<const v1::StreamResponse> frame) override;
  void OnWritten() override;
  void OnEnded(const grpc::Status& status) override;
  void OnAlarm(bool ok);
  void OnAckAlarm(bool ok);

  MonoTime DeadlineOf(absl::Duration timeout) const;
  // Around a reaction: while one runs, the destructor waits.
  void BeginReaction() ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex_);
  void EndReaction() ABSL_UNLOCK_FUNCTION(mutex_);
  void StartCall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sends `first`, or what the session has next, if no write is under way; lets the lock go meanwhile.
  void Pump(RequestFrame first = nullptr) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // An ack that waits for company goes now, or in a while.
  void PressAck() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetAckTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Wakes everybody, sets the alarm anew, and ends the call of a session that is over.
  void Changed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets the lock go and calls the application back with what is new.
  void CallBack() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes of what has come, and acknowledges it where that is due.
  ReceivedBatch Take(size_t max_messages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t TakeWhatFits(absl::Span<const OutgoingMessage> messages, uint64_t most_unpublished, absl::Status* refusal)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Over() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return session_.state() == StreamSession::State::kEnded; }

  const std::shared_ptr<Connection> connection_;
  const std::function<void()> on_change_;
  mutable Mutex mutex_;
  Condition room_;      // the window moved, or the stream ended
  Condition readable_;  // a message came, or the stream ended
  Condition state_;     // attached, ended, or the poller let go of the call or the alarm
  StreamSession session_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Call> call_ ABSL_GUARDED_BY(mutex_);
  uint64_t channel_number_ ABSL_GUARDED_BY(mutex_) = 0;  // the connection's gRPC channel that call_ is on
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  RequestFrame in_write_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;  // no new calls
  int reacting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool told_failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool progressed_ ABSL_GUARDED_BY(mutex_) = false;  // and the application was not told yet
  grpc::Alarm alarm_;
  bool alarm_set_ ABSL_GUARDED_BY(mutex_) = false;
  MonoTime alarm_at_ ABSL_GUARDED_BY(mutex_) = kNever;
  MemberTag<StreamDriver, &StreamDriver::OnAlarm> alarm_tag_{this};
  grpc::Alarm ack_alarm_;
  bool ack_alarm_set_ ABSL_GUARDED_BY(mutex_) = false;
  MemberTag<StreamDriver, &StreamDriver::OnAckAlarm> ack_alarm_tag_{this};
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_STREAM_DRIVER_H_
