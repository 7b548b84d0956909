#include "server/channel/lane_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr size_t kMostRenewals = 64;
// How long progress may wait that holds nobody up: of `consumed` alone, or to a client that goes on sending.
constexpr absl::Duration kQuietDelay = absl::Milliseconds(10);
// How long news of little that was published may wait while the client's window is full.
constexpr absl::Duration kPublishedDelay = absl::Milliseconds(1);
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
  WatchProgress(now);
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
    case v1::StreamRequest::kRenew: return OnRenew(frame.renew().token(), /*with_messages=*/false);
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
  const uint64_t renew_token = messages.renew_token();  // Accept may keep the frame
  if (!ended_) Check(inbound_->Accept(messages, payload));
  if (renew_token != 0) OnRenew(renew_token, /*with_messages=*/true);
  WatchProgress(now);
}

void LaneSession::OnAck(const v1::Ack& ack) {
  if (!outbound_.has_value()) {
    return End(Refuse(Reason::kDIRECTION_NOT_HELD, "ack on a stream that holds no chip_to_host lane",
                      {{"direction", "chip_to_host"}}));
  }
  Check(outbound_->Ack(ack.through()));
}

void LaneSession::OnRenew(uint64_t token, bool with_messages) {
  if (renewals_.size() == kMostRenewals) renewals_.Pop();  // a client that sends them faster than it reads answers
  renewals_.Push({token, with_messages});
}

void LaneSession::OnHalfClose(MonoTime now) {
  if (ended_) return;
  if (inbound_.has_value()) Check(inbound_->OnLastFrame());
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
    WatchProgress(now);
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
  if (now >= tell_little_at_) {
    tell_little_at_ = kNever;
    tell_little_ = true;
  }
  if (drain_deadline_ != kNever && now >= drain_deadline_ - absl::ToChronoNanoseconds(kDrainMargin)) {
    return End(Refuse(Reason::kNODE_DRAINING, "the node is stopping"));
  }
  MaybeFinishLinger(now);
}

// What is published is told at once when nothing is left to publish nor announced, for somebody may wait for that. A client whose
// window is full is told by good parts of it instead: told of each message that the chip takes, it would send as few at a time.
//
// The chip rings when it takes a message only if it was asked to; asking costs it a system call at times, and both a
// wake-up. So unless room is needed, it is asked a little later, once for all that was taken until then.
void LaneSession::WatchProgress(MonoTime now) {
  if (!inbound_.has_value() || ended_) return;
  const bool behind = inbound_->consumed() < inbound_->published() || inbound_->consumed_news();
  if (behind && look_for_consumed_ == kNever) look_for_consumed_ = After(now, kQuietDelay);
  const bool little = inbound_->published_news() && !inbound_->published_much();
  if (little && !tell_little_) {
    tell_little_at_ = std::min(tell_little_at_, After(now, inbound_->parked() ? kPublishedDelay : kQuietDelay));
  }
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

MonoTime LaneSession::next_timer() const {
  if (ended_) return kNever;
  MonoTime next = std::min(look_for_consumed_, tell_little_at_);
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

}  // namespace l3link
