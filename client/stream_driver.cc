#include "client/stream_driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/backoff.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

absl::Status WouldBlock(std::string_view what) {
  return MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK, what);
}

// That something is awaited by, which the poller's thread must not be late for.
bool HasCallbacks(const StreamOptions& options) {
  return options.on_messages != nullptr || options.on_progress != nullptr;
}

}  // namespace

StreamDriver::StreamDriver(std::shared_ptr<Connection> connection, const v1::ChannelId& channel,
                           const StreamOptions& options, std::function<void()> on_change)
    : connection_(std::move(connection)),
      on_change_(std::move(on_change)),
      session_(connection_->name(), channel, options, RandomJitter()) {
  if (HasCallbacks(options)) connection_->poller().CountCallbacks(1);
}

StreamDriver::~StreamDriver() {
  Abandon();
  MutexLock lock(mutex_);
  while (call_ != nullptr || alarm_set_ || ack_alarm_set_ || reacting_ > 0)
    connection_->poller().Wait(state_, mutex_, kNever);
  if (HasCallbacks(session_.options())) connection_->poller().CountCallbacks(-1);
}

absl::Status StreamDriver::Open() {
  MutexLock lock(mutex_);
  const StreamOptions& options = session_.options();
  const MonoTime deadline = DeadlineOf(options.attach_timeout + options.held_wait);
  StartCall();
  while (session_.state() == StreamSession::State::kAttaching && MonoNow() < deadline)
    connection_->poller().Wait(state_, mutex_, deadline);
  if (session_.state() == StreamSession::State::kAttaching) {
    connection_->Renew(channel_number_);  // a caller that tries again does so over a fresh connection
    session_.End(NameNode(absl::DeadlineExceededError(absl::StrCat("no answer to attach within ",
                                                                   absl::FormatDuration(options.attach_timeout))),
                          connection_->name()));
    Changed();
  }
  return Over() ? session_.status() : absl::OkStatus();
}

// A caller in a reaction would wait for itself.
MonoTime StreamDriver::DeadlineOf(absl::Duration timeout) const {
  return Poller::IsReacting() ? MonoNow() : After(MonoNow(), timeout);
}

size_t StreamDriver::TakeWhatFits(absl::Span<const OutgoingMessage> messages, uint64_t most_unpublished,
                                  absl::Status* refusal) {
  if (messages.empty()) return 0;
  *refusal = session_.CheckSend(messages.front());
  if (!refusal->ok()) return 0;
  const size_t taken = session_.send().PushWhatFits(messages, most_unpublished);
  if (taken > 0 && taken < messages.size()) *refusal = session_.CheckSend(messages[taken]);
  return taken;
}

absl::StatusOr<size_t> StreamDriver::Send(absl::Span<const OutgoingMessage> messages, absl::Duration timeout,
                                          uint64_t most_unpublished) {
  MonoTime deadline;
  size_t taken = 0;
  MutexLock lock(mutex_);
  for (bool waited = false;; waited = true) {
    absl::Status refusal;
    const size_t more = TakeWhatFits(messages.subspan(taken), most_unpublished, &refusal);
    taken += more;
    if (more > 0) Pump();
    if (taken == messages.size()) return taken;
    if (!refusal.ok()) return taken > 0 ? absl::StatusOr<size_t>(taken) : refusal;
    if (timeout <= absl::ZeroDuration()) return taken;
    if (!waited) deadline = DeadlineOf(timeout);
    if (MonoNow() >= deadline) return taken;
    connection_->poller().Wait(room_, mutex_, deadline);
  }
}

absl::Status StreamDriver::Flush(absl::Duration timeout) {
  const MonoTime deadline = DeadlineOf(timeout);
  MutexLock lock(mutex_);
  while (!session_.send().all_published()) {
    if (Over()) return session_.status();
    if (MonoNow() >= deadline) {
      return NameNode(WouldBlock(absl::StrCat(session_.send().next_sequence() - session_.send().published(),
                                              " messages were not published in time")),
                      connection_->name());
    }
    connection_->poller().Wait(room_, mutex_, deadline);
  }
  return absl::OkStatus();
}

absl::StatusOr<ReceivedBatch> StreamDriver::Receive(size_t max_messages, absl::Duration timeout) {
  MutexLock lock(mutex_);
  if (session_.receive().empty() && timeout > absl::ZeroDuration()) {
    const MonoTime deadline = DeadlineOf(timeout);
    PressAck();
    while (session_.receive().empty() && !Over() && session_.receives() && MonoNow() < deadline) {
      connection_->poller().Wait(readable_, mutex_, deadline);
    }
  }
  if (absl::Status status = session_.CheckReceive(); !status.ok()) return status;
  return Take(max_messages);
}

absl::StatusOr<ReceivedBatch> StreamDriver::ReceiveFitting(IncomingMessage* message) {
  MutexLock lock(mutex_);
  if (absl::Status status = session_.CheckReceive(); !status.ok()) return status;
  if (session_.receive().empty()) return ReceivedBatch();
  if (absl::Status status = session_.CheckRoom(message); !status.ok()) return status;
  return Take(1);
}

ReceivedBatch StreamDriver::Take(size_t max_messages) {
  ReceivedBatch batch = session_.receive().Take(max_messages);
  if (!batch.empty() && session_.options().ack == AckMode::kOnReceive) {
    session_.receive().AckLater(batch);
    Pump();
  }
  return batch;
}

absl::Status StreamDriver::Ack(uint64_t through) {
  MutexLock lock(mutex_);
  if (absl::Status status = session_.receive().Ack(through); !status.ok()) return NameNode(status, connection_->name());
  if (Over()) return session_.status();
  Pump();
  return absl::OkStatus();
}

absl::Status StreamDriver::Close(absl::Duration answer, absl::Duration away) {
  const MonoTime away_until = DeadlineOf(away);
  const MonoTime answer_until = std::max(away_until, DeadlineOf(answer));
  MutexLock lock(mutex_);
  told_failed_ = true;
  session_.RequestDetach();
  Pump();
  while (!Over()) {
    const MonoTime until = session_.state() == StreamSession::State::kOpen ? answer_until : away_until;
    if (MonoNow() >= until) break;
    connection_->poller().Wait(state_, mutex_, until);
  }
  const bool released = session_.detach_sent() && Over();
  session_.End(NameNode(absl::CancelledError("the stream was closed"), connection_->name()));
  Changed();
  if (released) return absl::OkStatus();
  return absl::IsCancelled(session_.status())
             ? NameNode(WouldBlock("the lanes could not be released in time; the lease runs out by itself"),
                        connection_->name())
             : session_.status();
}

void StreamDriver::Abandon() {
  MutexLock lock(mutex_);
  closing_ = told_failed_ = true;
  if (ack_alarm_set_ && connection_->poller().Withdraw(&ack_alarm_tag_)) ack_alarm_set_ = false;
  if (ack_alarm_set_) ack_alarm_.Cancel();
  session_.End(NameNode(absl::CancelledError("the stream was closed"), connection_->name()));
  Changed();
}

void StreamDriver::Break() {
  MutexLock lock(mutex_);
  if (call_ != nullptr) call_->Cancel();
}

StreamPositions StreamDriver::Positions() const {
  MutexLock lock(mutex_);
  return session_.Positions();
}

absl::Status StreamDriver::status() const {
  MutexLock lock(mutex_);
  return session_.status();
}

}  // namespace l3link::client
