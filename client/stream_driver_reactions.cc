// StreamDriver's other half: what happens in the poller, and the pump that both sides share.
#include <memory>
#include <utility>

#include "client/encode_frame.h"
#include "client/stream_driver.h"

namespace l3link::client {
namespace {

// So long an ack may wait for messages to go with.
constexpr absl::Duration kAckPatience = absl::Milliseconds(1);

WriteKind KindOf(const v1::StreamRequest& frame) {
  if (frame.has_detach()) return WriteKind::kLast;
  return frame.has_messages() ? WriteKind::kAsks : WriteKind::kTells;
}

}  // namespace

void StreamDriver::BeginReaction() {
  mutex_.Lock();
  ++reacting_;
}

void StreamDriver::EndReaction() {
  if (--reacting_ == 0 && closing_) state_.WakeAll();
  mutex_.Unlock();
}

void StreamDriver::StartCall() {
  session_.OnCallStarting();
  Call::Reactions* const reactions = this;
  call_ = std::make_unique<Call>(&connection_->poller(), reactions);
  call_->context()->set_wait_for_ready(session_.ever_attached());
  channel_number_ = connection_->channel_number();
  call_->Start(connection_->PrepareLaneCall(call_->context()));
}

void StreamDriver::Pump(RequestFrame first) {
  if (writing_ || call_ == nullptr) return;
  in_write_ = first != nullptr ? std::move(first) : session_.NextFrame(MonoNow());
  if (in_write_ == nullptr) {
    if (Over()) Changed();  // the lease was found to be over
    SetAckTimer();
    return;
  }
  if (!call_->ReserveWrite()) return;  // its end is on the way, and a resume will send the frame again
  writing_ = true;
  Call* const call = call_.get();  // lives until the reserved write is done
  const RequestFrame frame = in_write_;
  mutex_.Unlock();
  call->Write(EncodeFrame(frame), KindOf(*frame));
  mutex_.Lock();
}

void StreamDriver::OnStarted() {
  BeginReaction();
  if (!Over()) Pump(session_.OnCallStarted(MonoNow()));
  SetTimer();
  EndReaction();
}

bool StreamDriver::OnRead(std::shared_ptr<const v1::StreamResponse> frame) {
  BeginReaction();
  session_.OnFrame(frame, MonoNow());
  if (!frame->has_messages() || frame->messages().has_progress()) {
    room_.WakeAll();
    progressed_ = true;
  }
  if (frame->has_attached() || frame->has_renewed() || Over()) {
    Changed();
  } else if (frame->has_messages()) {
    readable_.WakeAll();
  }
  Pump();
  CallBack();
  const bool answered = frame->has_messages() || !session_.receives();
  const bool has_turn = answered && session_.send().all_published();
  EndReaction();
  return has_turn;
}

void StreamDriver::OnWritten() {
  BeginReaction();
  writing_ = false;
  in_write_.reset();
  Pump();
  SetTimer();
  EndReaction();
}

void StreamDriver::OnEnded(const grpc::Status& status) {
  std::unique_ptr<Call> ended;
  BeginReaction();
  ended = std::move(call_);
  writing_ = false;
  in_write_.reset();
  session_.OnCallEnded(connection_->ToStatus(status), MonoNow());
  Changed();
  CallBack();
  EndReaction();
}

void StreamDriver::OnAlarm(bool) {
  BeginReaction();
  alarm_set_ = false;
  const MonoTime now = MonoNow();
  session_.OnTime(now);
  if (call_ != nullptr && session_.ShouldBreakOff(now)) {
    session_.OnBreakingOff();
    connection_->Renew(channel_number_);
    call_->Cancel();
  }
  if (call_ == nullptr && !closing_ && session_.ShouldStartCall(now)) StartCall();
  Pump();
  Changed();
  CallBack();
  EndReaction();
}

void StreamDriver::SetTimer() {
  const MonoTime at = closing_ ? kNever : session_.NextDeadline(writing_);
  if (alarm_set_) {
    if (at < alarm_at_ || Over()) alarm_.Cancel();  // OnAlarm sets it anew
    return;
  }
  if (at == kNever) return;
  alarm_set_ = true;
  alarm_at_ = at;
  connection_->poller().SetAlarm(alarm_, at, &alarm_tag_);
}

void StreamDriver::PressAck() {
  if (!session_.receive().ack_waits()) return;
  session_.receive().PressAck();
  Pump();
}

void StreamDriver::SetAckTimer() {
  if (ack_alarm_set_ || closing_ || !session_.receive().ack_waits()) return;
  ack_alarm_set_ = true;
  if (connection_->poller().Postpone(&ack_alarm_tag_)) return;
  connection_->poller().SetAlarm(ack_alarm_, After(MonoNow(), kAckPatience), &ack_alarm_tag_);
}

void StreamDriver::OnAckAlarm(bool) {
  BeginReaction();
  ack_alarm_set_ = false;
  PressAck();
  EndReaction();
}

void StreamDriver::Changed() {
  if (Over() && call_ != nullptr) call_->Cancel();
  SetTimer();
  room_.WakeAll();
  readable_.WakeAll();
  state_.WakeAll();
}

void StreamDriver::CallBack() {
  const StreamOptions& options = session_.options();
  if (options.on_messages != nullptr) {
    while (!session_.receive().empty() && !closing_) {
      const ReceivedBatch batch = session_.receive().Take(SIZE_MAX);
      mutex_.Unlock();
      options.on_messages(batch);
      mutex_.Lock();
      if (options.ack == AckMode::kOnReceive) session_.receive().Ack(batch.through()).IgnoreError();
      Pump();
    }
  }
  const bool tell_progress = std::exchange(progressed_, false) && options.on_progress != nullptr;
  const bool tell_failed = Over() && !told_failed_ && options.on_failed != nullptr;
  if (tell_failed) told_failed_ = true;
  const absl::Status status = session_.status();
  const bool tell_change = on_change_ != nullptr && (Over() || !session_.receive().empty());
  if (!tell_progress && !tell_failed && !tell_change) return;
  mutex_.Unlock();
  if (tell_progress) options.on_progress();
  if (tell_change) on_change_();
  if (tell_failed) options.on_failed(status);
  mutex_.Lock();
}

}  // namespace l3link::client
