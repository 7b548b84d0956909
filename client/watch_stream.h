// Runs one region's WatchTable and NotifyQueue over a MemoryService.Stream: opened when the first watch comes or notifies come
// one after the other, made again when it breaks.
//
// Shared by its Region and the WatchHandles. Region stops it; afterwards it is inert. Callers' threads write a frame
// themselves when no write is under way; callbacks run in the poller without the lock.
#ifndef L3LINK_CLIENT_WATCH_STREAM_H_
#define L3LINK_CLIENT_WATCH_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/bidi_call.h"
#include "client/connection.h"
#include "client/monitor.h"
#include "client/notify_pace.h"
#include "client/notify_queue.h"
#include "client/poller.h"
#include "client/signal_condition.h"
#include "client/watch_table.h"
#include "grpcpp/alarm.h"
#include "l3link/v1/memory.grpc.pb.h"

namespace l3link::client {

class WatchStream final : private BidiCall<v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse>::Reactions {
 public:
  WatchStream(std::shared_ptr<Connection> connection, const v1::RegionId& region);
  ~WatchStream();

  // `awaited`: the caller waits in the poller until `callback` has run.
  uint64_t Add(absl::Span<const SignalCondition> conditions, Combine combine, bool once, MonoTime deadline,
               WatchCallback callback, bool awaited = false);
  // Afterwards the callback is not running and never runs again, unless this is called from it.
  void Remove(uint64_t watch_id);
  // Changes a signal and waits for the node's answer, as far as a stream is there to do it once over breaks and restarts: the
  // signal's value after, or why not. None: it was not done and will not be; the unary call is to be asked, which also tells
  // why the node refuses it.
  std::optional<absl::StatusOr<uint64_t>> Notify(const v1::Notification& notify, absl::Duration timeout);
  // No callback runs afterwards and nothing is under way. Not from a callback.
  void Stop();
  void Break();

 private:
  using Call = BidiCall<v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse>;

  void OnStarted() override;
  bool OnRead(std::shared_ptr<const v1::MemoryServiceStreamResponse> frame) override;
  void OnWritten() override;
  void OnEnded(const grpc::Status& status) override;
  void OnAlarm(bool ok);

  void BeginReaction() ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex_);
  void EndReaction() ABSL_UNLOCK_FUNCTION(mutex_);
  void StartCall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<v1::MemoryServiceStreamRequest> NextFrame() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(const v1::MemoryServiceStreamRequest& frame) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Somebody waits for what only a stream brings.
  bool needed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return table_.size() > 0 || notifies_.in_doubt(); }
  // When to end a stream that nobody uses.
  MonoTime IdleAt() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Cancels a call whose attach is not answered, or that is not through when it is time to give up.
  void BreakOffIfLate(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run(std::optional<DueCallback> due) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FailAll(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<Connection> connection_;
  const v1::RegionId region_;
  Mutex mutex_;
  Condition idle_;  // a callback ended, or the poller let go
  WatchTable table_ ABSL_GUARDED_BY(mutex_);
  NotifyQueue notifies_ ABSL_GUARDED_BY(mutex_);
  NotifyPace pace_ ABSL_GUARDED_BY(mutex_);
  bool notifies_turn_ ABSL_GUARDED_BY(mutex_) = false;  // of NextFrame
  bool for_notifies_ ABSL_GUARDED_BY(mutex_) = false;   // call_ was made for them, and no watch has come since
  std::unique_ptr<Call> call_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool counted_ ABSL_GUARDED_BY(mutex_) = false;  // among the poller's callbacks
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int reacting_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t running_ ABSL_GUARDED_BY(mutex_) = 0;  // id of the watch whose callback runs; 0: none
  MonoTime retry_at_ ABSL_GUARDED_BY(mutex_) = kNever;
  MonoTime give_up_at_ ABSL_GUARDED_BY(mutex_) = kNever;
  bool giving_up_ ABSL_GUARDED_BY(mutex_) = false;  // call_ is cancelled because of give_up_at_
  absl::Status last_break_ ABSL_GUARDED_BY(mutex_);
  int attempts_ ABSL_GUARDED_BY(mutex_) = 0;
  MonoTime attach_by_ ABSL_GUARDED_BY(mutex_) =
      kNever;                                 // without an answer by then, tried anew over a fresh connection
  int silences_ ABSL_GUARDED_BY(mutex_) = 0;  // attaches in a row that were not answered
  uint64_t channel_number_ ABSL_GUARDED_BY(mutex_) = 0;  // the connection's gRPC channel that call_ is on
  grpc::Alarm alarm_;
  bool alarm_set_ ABSL_GUARDED_BY(mutex_) = false;
  MonoTime alarm_at_ ABSL_GUARDED_BY(mutex_) = kNever;
  MemberTag<WatchStream, &WatchStream::OnAlarm> alarm_tag_{this};
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_WATCH_STREAM_H_
