// LaneSession's frames to the client: which is next, and what is in it.
#include <algorithm>
#include <utility>

#include "server/channel/lane_session.h"

namespace l3link {

bool LaneSession::ProgressDue() const {
  if (!inbound_.has_value()) return false;
  if (inbound_->published_news() && (inbound_->published_much() || tell_little_)) return true;
  return inbound_->consumed_news() && look_for_consumed_ == kNever;
}

bool LaneSession::HasProgressTurn() const { return progress_turn_ && setup_.delivery.form != v1::FORM_PACKED; }

bool LaneSession::ProgressGoesAlong() const {
  return setup_.delivery.form == v1::FORM_PACKED && inbound_.has_value() && inbound_->progress_news();
}

void LaneSession::FillAttached(v1::Attached* attached) const {
  attached->Clear();
  attached->set_session_id(setup_.session_id);
  attached->set_max_frame_bytes(setup_.delivery.max_frame_bytes);
  attached->set_resumed(setup_.resumed);
  attached->set_renewals_with_messages(true);
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

void LaneSession::FillRenewed(v1::Renewed* renewed) {
  renewed->Clear();
  const Renewal renewal = renewals_.front();
  renewals_.Pop();
  renewed->set_token(renewal.token);
  if (renewal.with_messages && inbound_->progress_news()) FillProgress(renewed->mutable_progress());
}

void LaneSession::FillProgress(v1::Progress* progress) {
  inbound_->FillProgress(progress);
  tell_little_ = false;
  tell_little_at_ = kNever;
}

bool LaneSession::Fill(v1::StreamResponse* frame, MonoTime now) {
  if (ended_) return false;
  if (frame->has_messages()) spare_messages_.reset(frame->release_messages());
  bool filled = true;
  if (!attached_told_) {
    attached_told_ = true;
    FillAttached(frame->mutable_attached());
  } else if (!renewals_.empty()) {
    FillRenewed(frame->mutable_renewed());
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
    FillProgress(frame->mutable_progress());
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
      if (ProgressGoesAlong()) FillProgress(frame->mutable_messages()->mutable_progress());
      linger_.OnMessages(now);
      return true;
    }
  }
  Check(outbound_->Health());
  return false;
}

}  // namespace l3link
