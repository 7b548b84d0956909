#include "server/channel/lane_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr size_t kMostRenewals = 64;
// How long progress that is news of `consumed` alone may wait: nobody is held up by it.
constexpr absl::Duration kConsumedDelay = absl::Milliseconds(10);
// Before the node's stop, so that the client still hears why.
constexpr absl::Duration kDrainMargin = absl::Milliseconds(500);

// What a stream's frames themselves are refused for; the node, the chip or another session end it by other codes.
bool IsClientsMistake(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsResourceExhausted(status);
}

}  // namespace

LaneSession::LaneSession(const SessionSetup& setup, MonoTime now) : setup_(setup), linger_(setup.linger) {
  if (setup.producer != nullptr) {
    inbound_.emplace(setup.producer, setup.to_chip, setup.send_window, setup.max_frame_bytes);
    Check(inbound_->Pump());
  }
  if (setup.consumer != nullptr) {
    outbound_.emplace(setup.consumer, setup.to_host, setup.delivery);
    Check(outbound_->Health());
  }
  WatchConsumed(now);
}

void LaneSession::Check(const absl::Status& status) {
  if (!status.ok()) End(status);
}

void LaneSession::End(absl::Status status) {
  if (ended_) return;
  ended_ = true;
  status_ = WithPositions(status);
  if (inbound_.has_value()) inbound_->Leave();
}

// Every refusal that ends a stream says how far it got.
absl::Status LaneSession::WithPositions(const absl::Status& status) const {
  Metadata positions;
  if (inbound_.has_value()) positions.emplace_back("published", absl::StrCat(inbound_->published()));
  if (outbound_.has_value()) positions.emplace_back("acked", absl::StrCat(outbound_->acked()));
  return WithMetadata(status, positions);
}

// A client that named no session is hardly one that comes back with it: after a mistake of its own, people who try things by
// hand get the lane again at once. Even then the session would be resumed if nobody took the lane in between.
bool LaneSession::releases_lanes() const {
  return status_.ok() || lane_gone_ || (setup_.session_made_up && IsClientsMistake(status_));
}

void LaneSession::OnLaneGone(bool channel_closed, const LaneKey& key, uint64_t new_generation) {
  if (ended_) return;
  ended_ = true;
  lane_gone_ = true;
  Metadata metadata;
  if (inbound_.has_value()) {
    metadata.emplace_back("published", absl::StrCat(setup_.to_chip.record->position()));
    metadata.emplace_back("consumed", absl::StrCat(inbound_->told_consumed()));
  }
  if (outbound_.has_value()) metadata.emplace_back("acked", absl::StrCat(setup_.to_host.record->position()));
  // The other lane goes on, without what is half of a message.
  if (inbound_.has_value() && !channel_closed && key.direction == Direction::kChipToHost) inbound_->Leave();
  if (channel_closed) {
    status_ = Refuse(Reason::kCHANNEL_CLOSED, "the channel was closed", std::move(metadata));
    return;
  }
  metadata.emplace_back("generation", absl::StrCat(new_generation));
  status_ = Refuse(Reason::kLANE_RESET, absl::StrCat(LaneLabel(key), " was reset"), std::move(metadata));
}

void LaneSession::OnFrame(v1::StreamRequest& frame, MonoTime now) {
  FramePayload payload = FramePayload::Of(frame.messages());
  OnFrame(frame, payload, now);
}

void LaneSession::OnFrame(v1::StreamRequest& frame, FramePayload& payload, MonoTime now) {
  if (ended_) return;
  switch (frame.frame_case()) {
    case v1::StreamRequest::kAttach: return End(Refuse(Reason::kATTACH_TWICE, "attach again on an attached stream"));
    case v1::StreamRequest::kMessages: return OnMessages(*frame.mutable_messages(), payload, now);
    case v1::StreamRequest::kAck: return OnAck(frame.ack());
    case v1::StreamRequest::kRenew: return OnRenew(frame.renew());
    case v1::StreamRequest::kDetach: return End(absl::OkStatus());
    case v1::StreamRequest::FRAME_NOT_SET: break;
  }
  End(Refuse(Reason::kMALFORMED_FRAME, "a frame that is none of attach, messages, ack, renew, detach"));
}

void LaneSession::OnMessages(v1::Messages& messages, FramePayload& payload, MonoTime now) {
  if (!inbound_.has_value()) {
    return End(Refuse(Reason::kDIRECTION_NOT_HELD, "messages on a stream that holds no host_to_chip lane",
                      {{"direction", "host_to_chip"}}));
  }
  if (messages.has_ack()) OnAck(messages.ack());
  if (!ended_) Check(inbound_->Accept(messages, payload));
  WatchConsumed(now);
}

void LaneSession::OnAck(const v1::Ack& ack) {
  if (!outbound_.has_value()) {
    return End(Refuse(Reason::kDIRECTION_NOT_HELD, "ack on a stream that holds no chip_to_host lane",
                      {{"direction", "chip_to_host"}}));
  }
  Check(outbound_->Ack(ack.through()));
}

void LaneSession::OnRenew(const v1::Renew& renew) {
  if (renewals_.size() == kMostRenewals) renewals_.Pop();  // a client that sends them faster than it reads answers
  renewals_.Push(renew.token());
}

void LaneSession::OnHalfClose(MonoTime now) {
  if (ended_) return;
  if (inbound_.has_value()) Check(inbound_->CheckWhole());
  if (ended_) return;
  linger_.Begin(now);
  MaybeFinishLinger(now);
}

void LaneSession::PumpInbound() {
  if (inbound_->parked()) Check(inbound_->Pump());
}

void LaneSession::OnActivity(MonoTime now) {
  if (ended_) return;
  if (inbound_.has_value()) {
    const uint64_t before = inbound_->published();
    PumpInbound();
    Check(inbound_->Health());
    if (!ended_ && inbound_->published() != before) linger_.OnMessages(now);
    WatchConsumed(now);
  }
  MaybeFinishLinger(now);
}

void LaneSession::OnWritten(MonoTime now) {
  frame_in_flight_ = false;
  if (ended_) return;
  if (outbound_.has_value()) {
    outbound_->OnWritten();
    Check(outbound_->Health());
  }
  MaybeFinishLinger(now);
}

void LaneSession::OnTimer(MonoTime now) {
  if (ended_) return;
  if (now >= look_for_consumed_) {
    look_for_consumed_ = kNever;
    Check(inbound_->LookForConsumed());
  }
  if (drain_deadline_ != kNever && now >= drain_deadline_ - absl::ToChronoNanoseconds(kDrainMargin)) {
    return End(Refuse(Reason::kNODE_DRAINING, "the node is stopping"));
  }
  MaybeFinishLinger(now);
}

void LaneSession::OnChipState(bool lost, const std::string& detail) {
  chip_state_.emplace();
  chip_state_->set_lost(lost);
  chip_state_->set_detail(detail);
}

void LaneSession::OnDraining(MonoTime deadline) {
  drain_deadline_ = deadline;
  draining_untold_ = true;
}

// The chip rings when it takes a message only if it was asked to; asking costs it a system call at times, and both a
// wake-up. So unless room is needed, it is asked a little later, once for all that was taken until then.
void LaneSession::WatchConsumed(MonoTime now) {
  if (!inbound_.has_value() || ended_) return;
  const bool behind = inbound_->consumed() < inbound_->published() || inbound_->consumed_news();
  if (behind && look_for_consumed_ == kNever) look_for_consumed_ = After(now, kConsumedDelay);
}

bool LaneSession::ProgressDue() const {
  return inbound_.has_value() &&
         (inbound_->published_news() || (inbound_->consumed_news() && look_for_consumed_ == kNever));
}

bool LaneSession::HasProgressTurn() const { return progress_turn_ && setup_.delivery.form != v1::FORM_PACKED; }

bool LaneSession::ProgressGoesAlong() const {
  return setup_.delivery.form == v1::FORM_PACKED && inbound_.has_value() &&
         (inbound_->published_news() || inbound_->consumed_news());
}

MonoTime LaneSession::next_timer() const {
  if (ended_) return kNever;
  MonoTime next = look_for_consumed_;
  if (drain_deadline_ != kNever) next = std::min(next, drain_deadline_ - absl::ToChronoNanoseconds(kDrainMargin));
  const bool waits_for_else = frame_in_flight_ || (inbound_.has_value() && (inbound_->parked() || ProgressDue()));
  if (!waits_for_else) next = std::min(next, linger_.idle_at());
  return next;
}

// Everything accepted is published, everything filled has left, and enough was delivered or nothing came for long.
void LaneSession::MaybeFinishLinger(MonoTime now) {
  if (ended_ || !linger_.begun() || frame_in_flight_ || !attached_told_) return;
  if (inbound_.has_value() && (inbound_->parked() || ProgressDue())) return;
  const uint64_t delivered = outbound_.has_value() ? outbound_->delivered_count() : 0;
  if (!outbound_.has_value() || linger_.Over(delivered, now)) End(absl::OkStatus());
}

void LaneSession::FillAttached(v1::Attached* attached) const {
  attached->Clear();
  attached->set_session_id(setup_.session_id);
  attached->set_max_frame_bytes(setup_.delivery.max_frame_bytes);
  attached->set_resumed(setup_.resumed);
  attached->mutable_lease_ttl()->set_seconds(absl::ToInt64Seconds(setup_.lease_ttl));
  attached->mutable_lease_ttl()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(setup_.lease_ttl % absl::Seconds(1))));
  uint64_t epoch = 0;
  auto fill = [&](const HeldLane& held, const LaneGeometry& geometry, v1::AttachedLane* lane) {
    lane->set_lane(held.lane());
    lane->set_generation(held.record->generation());
    lane->set_epoch(held.epoch);
    lane->set_depth(geometry.lane_depth);
    lane->set_max_message_bytes(geometry.max_message_bytes);
    epoch = std::max(epoch, held.epoch);
  };
  if (inbound_.has_value()) {
    v1::AttachedLane* lane = attached->mutable_host_to_chip();
    fill(setup_.to_chip, setup_.producer->geometry(), lane);
    lane->set_next_sequence(inbound_->next_sequence());
    lane->set_consumed(inbound_->consumed());
    attached->mutable_send_window()->set_messages(inbound_->window().messages);
    attached->mutable_send_window()->set_bytes(inbound_->window().bytes);
  }
  if (outbound_.has_value()) {
    v1::AttachedLane* lane = attached->mutable_chip_to_host();
    fill(setup_.to_host, setup_.consumer->geometry(), lane);
    lane->set_next_sequence(outbound_->acked());
    lane->set_consumed(outbound_->acked());
    lane->set_redelivered_through(outbound_->redelivered_through());
  }
  attached->set_epoch(epoch);
}

bool LaneSession::Fill(v1::StreamResponse* frame, MonoTime now) {
  if (ended_) return false;
  if (frame->has_messages()) spare_messages_.reset(frame->release_messages());
  bool filled = true;
  if (!attached_told_) {
    attached_told_ = true;
    FillAttached(frame->mutable_attached());
  } else if (!renewals_.empty()) {
    frame->mutable_renewed()->set_token(renewals_.front());
    renewals_.Pop();
  } else if (draining_untold_) {
    draining_untold_ = false;
    const absl::Duration left = std::max(absl::ZeroDuration(), Between(now, drain_deadline_));
    frame->mutable_draining()->mutable_deadline()->set_seconds(absl::ToInt64Seconds(left));
    frame->mutable_draining()->mutable_deadline()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(left % absl::Seconds(1))));
  } else if (chip_state_.has_value()) {
    *frame->mutable_chip_state() = *std::exchange(chip_state_, absl::nullopt);
  } else if (ProgressDue() && (HasProgressTurn() || !outbound_.has_value() || !outbound_->HasMessages())) {
    progress_turn_ = false;
    inbound_->FillProgress(frame->mutable_progress());
  } else {
    filled = FillMessages(frame, now);
  }
  frame_in_flight_ = frame_in_flight_ || filled;
  return filled;
}

bool LaneSession::FillMessages(v1::StreamResponse* frame, MonoTime now) {
  progress_turn_ = true;
  if (!outbound_.has_value()) return false;
  if (outbound_->HasMessages()) {
    if (spare_messages_ == nullptr) spare_messages_ = std::make_unique<v1::Messages>();
    frame->set_allocated_messages(spare_messages_.release());
    if (outbound_->Fill(linger_.left(outbound_->delivered_count()), frame->mutable_messages())) {
      if (ProgressGoesAlong()) inbound_->FillProgress(frame->mutable_messages()->mutable_progress());
      linger_.OnMessages(now);
      return true;
    }
  }
  Check(outbound_->Health());
  return false;
}

}  // namespace l3link
