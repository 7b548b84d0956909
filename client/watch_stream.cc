#include "client/watch_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/backoff.h"
#include "client/errors.h"
#include "client/while_away.h"

namespace l3link::client {
namespace {

// Watches have no lease; they are patient like a stream with this one.
constexpr absl::Duration kNominalTtl = absl::Seconds(16);

}  // namespace

WatchStream::WatchStream(std::shared_ptr<Connection> connection, const v1::RegionId& region)
    : connection_(std::move(connection)),
      region_(region),
      table_(connection_->name()),
      notifies_(connection_->name()) {}

WatchStream::~WatchStream() { Stop(); }

uint64_t WatchStream::Add(absl::Span<const SignalCondition> conditions, Combine combine, bool once, MonoTime deadline,
                          WatchCallback callback, bool awaited) {
  MutexLock lock(mutex_);
  if (stopped_) return 0;
  if (!awaited && !std::exchange(counted_, true)) connection_->poller().CountCallbacks(1);
  const uint64_t watch_id = table_.Add(conditions, combine, once, deadline, std::move(callback));
  for_notifies_ = false;
  if (call_ == nullptr && retry_at_ == kNever) StartCall();
  Pump();
  SetTimer();
  return watch_id;
}

void WatchStream::Remove(uint64_t watch_id) {
  MutexLock lock(mutex_);
  table_.Remove(watch_id);
  Pump();
  if (Poller::IsReacting()) return;
  while (running_ == watch_id) connection_->poller().Wait(idle_, mutex_, kNever);
}

std::optional<absl::StatusOr<uint64_t>> WatchStream::Notify(const v1::Notification& notify, absl::Duration timeout) {
  if (Poller::IsReacting()) return std::nullopt;  // it would wait for itself
  const MonoTime now = MonoNow();
  NotifyTicket ticket;
  MutexLock lock(mutex_);
  pace_.OnNotify(now);
  if (!notifies_.begun() && !pace_.WantsStream(now)) return std::nullopt;
  if (!notifies_.open()) {
    if (call_ != nullptr || retry_at_ != kNever || stopped_ || !pace_.WantsStream(now)) return std::nullopt;
    for_notifies_ = true;
    StartCall();
    return std::nullopt;
  }
  notifies_.Add(notify, After(now, std::min(timeout, kLongestAway)), After(now, timeout), &ticket);
  Pump();
  SetTimer();
  while (!ticket.over) connection_->poller().Wait(ticket.told, mutex_, kNever);  // OnAlarm keeps the time
  return std::move(ticket.answer);
}

void WatchStream::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  notifies_.Fail(absl::CancelledError());
  while (table_.TakeAny(absl::CancelledError())) {
  }
  if (call_ != nullptr) call_->Cancel();
  if (alarm_set_) alarm_.Cancel();
  while (call_ != nullptr || alarm_set_ || reacting_ > 0) connection_->poller().Wait(idle_, mutex_, kNever);
  if (std::exchange(counted_, false)) connection_->poller().CountCallbacks(-1);
}

void WatchStream::Break() {
  MutexLock lock(mutex_);
  if (call_ != nullptr) call_->Cancel();
}

void WatchStream::BeginReaction() {
  mutex_.Lock();
  ++reacting_;
}

void WatchStream::EndReaction() {
  --reacting_;
  idle_.WakeAll();
  mutex_.Unlock();
}

void WatchStream::StartCall() {
  retry_at_ = kNever;
  Call::Reactions* const reactions = this;
  call_ = std::make_unique<Call>(&connection_->poller(), reactions);
  call_->context()->set_wait_for_ready(give_up_at_ != kNever);  // made again: waits for the node
  channel_number_ = connection_->channel_number();
  call_->Start(connection_->memory()->PrepareAsyncStream(call_->context(), &connection_->poller().queue()));
}

void WatchStream::Write(const v1::MemoryServiceStreamRequest& frame) {
  if (!call_->ReserveWrite()) return;  // its end is on the way; everything is armed again afterwards
  writing_ = true;
  Call* const call = call_.get();  // lives until the reserved write is done
  mutex_.Unlock();
  call->Write(frame, frame.has_operation() ? WriteKind::kAsks : WriteKind::kTells);
  mutex_.Lock();
}

void WatchStream::Pump() {
  if (writing_ || call_ == nullptr) return;
  if (const auto frame = NextFrame()) Write(*frame);
}

// By turns, so that neither many watches to arm nor many notifies keep the other waiting.
std::optional<v1::MemoryServiceStreamRequest> WatchStream::NextFrame() {
  notifies_turn_ = !notifies_turn_;
  auto frame = notifies_turn_ ? notifies_.NextFrame() : table_.NextFrame(MonoNow());
  if (frame) return frame;
  return notifies_turn_ ? table_.NextFrame(MonoNow()) : notifies_.NextFrame();
}

void WatchStream::OnStarted() {
  BeginReaction();
  v1::MemoryServiceStreamRequest frame;
  *frame.mutable_attach()->add_regions() = region_;
  frame.mutable_attach()->set_session_id(notifies_.session_id());
  frame.mutable_attach()->set_results_with_events(true);
  if (!stopped_) Write(frame);
  attach_by_ = After(MonoNow(), AttachPatience(kNominalTtl, silences_));
  SetTimer();
  EndReaction();
}

bool WatchStream::OnRead(std::shared_ptr<const v1::MemoryServiceStreamResponse> frame) {
  BeginReaction();
  if (frame->has_attached()) {
    attempts_ = silences_ = 0;
    give_up_at_ = attach_by_ = kNever;
    table_.OnAttached();
    notifies_.OnAttached(frame->attached());
    Pump();
  } else if (frame->has_result()) {
    notifies_.OnResult(frame->result());
  } else if (frame->has_event()) {
    Run(table_.OnEvent(frame->event()));
    for (const v1::OperationResult& result : frame->results()) notifies_.OnResult(result);
  }
  SetTimer();
  const bool answered = frame->has_event() || table_.size() == 0;
  const bool has_turn = answered && table_.size() <= 1 && !notifies_.in_doubt();
  EndReaction();
  return has_turn;
}

void WatchStream::OnWritten() {
  BeginReaction();
  writing_ = false;
  Pump();
  EndReaction();
}

void WatchStream::OnEnded(const grpc::Status& grpc_status) {
  std::unique_ptr<Call> ended;
  BeginReaction();
  ended = std::move(call_);
  writing_ = false;
  attach_by_ = kNever;
  const bool gave_up = std::exchange(giving_up_, false);
  table_.OnBroken();
  absl::Status status = connection_->ToStatus(grpc_status);
  if (status.ok()) status = absl::UnavailableError("the node ended the stream");
  const MonoTime now = MonoNow();
  if (for_notifies_ && !notifies_.attached()) pace_.OnRefused(now);
  notifies_.OnBroken(status);
  if (give_up_at_ == kNever) {
    give_up_at_ = After(now, connection_->options().watch_reconnect_timeout);
    last_break_ = status;
  }
  if (!IsRetryable(status)) notifies_.Fail(status);
  if (!IsRetryable(status) || now >= give_up_at_) {
    give_up_at_ = kNever;
    attempts_ = 0;
    FailAll(gave_up ? last_break_ : status);
  }
  if (!needed()) {
    give_up_at_ = kNever;  // who comes later has the whole time
    attempts_ = 0;
  } else if (!stopped_ && call_ == nullptr) {  // else a callback has made one
    retry_at_ = After(now, BackoffOf(attempts_++, RandomJitter()));
  }
  SetTimer();
  EndReaction();
}

void WatchStream::OnAlarm(bool) {
  BeginReaction();
  alarm_set_ = false;
  while (auto expired = table_.TakeExpired(MonoNow())) Run(std::move(expired));
  notifies_.Expire(MonoNow());
  if (MonoNow() >= IdleAt()) {
    for_notifies_ = false;
    call_->Cancel();
  }
  BreakOffIfLate(MonoNow());
  if (call_ == nullptr && !stopped_ && MonoNow() >= retry_at_) StartCall();
  Pump();
  SetTimer();
  EndReaction();
}

void WatchStream::BreakOffIfLate(MonoTime now) {
  if (call_ == nullptr) return;
  const bool silent = now >= attach_by_;
  const bool give_up = now >= give_up_at_ && !giving_up_;
  if (!silent && !give_up) return;
  attach_by_ = kNever;
  giving_up_ = giving_up_ || give_up;
  ++silences_;
  connection_->Renew(channel_number_);
  call_->Cancel();
}

MonoTime WatchStream::IdleAt() const {
  return for_notifies_ && call_ != nullptr && !needed() ? pace_.idle_at() : kNever;
}

void WatchStream::SetTimer() {
  const MonoTime give_up_at = call_ != nullptr && !giving_up_ ? give_up_at_ : kNever;
  const MonoTime at =
      std::min({retry_at_, table_.NextDeadline(), notifies_.NextDeadline(), attach_by_, give_up_at, IdleAt()});
  if (alarm_set_ && at < alarm_at_) alarm_.Cancel();  // OnAlarm sets it anew
  if (alarm_set_ || at == kNever || stopped_) return;
  alarm_set_ = true;
  alarm_at_ = at;
  connection_->poller().SetAlarm(alarm_, at, &alarm_tag_);
}

void WatchStream::Run(std::optional<DueCallback> due) {
  if (!due) return;
  running_ = due->watch_id;
  mutex_.Unlock();
  (*due->callback)(due->result);
  mutex_.Lock();
  running_ = 0;
  idle_.WakeAll();
}

// Not those that a callback adds meanwhile: they get a stream of their own.
void WatchStream::FailAll(const absl::Status& status) {
  for (size_t left = table_.size(); left > 0; --left) Run(table_.TakeAny(status));
}

}  // namespace l3link::client
