#include "client/stream_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/attach_frame.h"
#include "client/backoff.h"
#include "client/durations.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

constexpr uint64_t kDefaultFrameBytes = 1 << 20;

}  // namespace

StreamSession::StreamSession(std::string node, const v1::ChannelId& channel, const StreamOptions& options,
                             double jitter)
    : node_(std::move(node)),
      channel_(channel),
      options_(options),
      jitter_(jitter),
      receive_(options.ack == AckMode::kByNode) {}

// Until the call is through to a node, its attach is not under way: connecting is the transport's business.
void StreamSession::OnCallStarting() {
  state_ = State::kAttaching;
  attach_sent_ = kNever;
}

RequestFrame StreamSession::OnCallStarted(MonoTime now) {
  attach_sent_ = now;
  confirming_ = false;
  return ever_attached_ ? ReattachFrame(channel_, options_, attached_, receive_.acked())
                        : AttachFrame(channel_, options_);
}

void StreamSession::OnFrame(const ResponseFrame& frame, MonoTime now) {
  if (state_ == State::kEnded) return;
  heard_at_ = now;
  if (!frame->has_attached()) silences_ = 0;
  absl::Status status;
  switch (frame->frame_case()) {
    case v1::StreamResponse::kAttached: OnAttached(frame->attached(), now); break;
    case v1::StreamResponse::kMessages:
      if (frame->messages().has_progress()) status = OnProgress(frame->messages().progress());
      if (status.ok()) status = receive_.OnMessages(frame);
      break;
    case v1::StreamResponse::kProgress: status = OnProgress(frame->progress()); break;
    case v1::StreamResponse::kRenewed:
      if (frame->renewed().has_progress()) status = OnProgress(frame->renewed().progress());
      lease_.OnRenewed(frame->renewed().token());
      flight_.OnAnswered(frame->renewed().token(), now);
      send_.AimFramesAt(flight_.frame_bytes());
      if (confirming_ && !lease_.Stale(now)) {
        confirming_ = false;
        state_ = State::kOpen;
      }
      break;
    case v1::StreamResponse::kDraining: draining_ = true; break;
    case v1::StreamResponse::kChipState: chip_lost_ = frame->chip_state().lost(); break;
    case v1::StreamResponse::FRAME_NOT_SET: break;  // of a newer node
  }
  if (!status.ok()) End(Describe(status));
}

absl::Status StreamSession::OnProgress(const v1::Progress& progress) {
  return send_.OnProgress(progress.published(), progress.consumed());
}

void StreamSession::OnAttached(const v1::Attached& attached, MonoTime now) {
  const absl::Status status = ever_attached_ ? Reattach(attached) : FirstAttach(attached);
  if (!status.ok()) return End(Describe(status));
  if (ever_attached_) ++reconnects_;
  attached_ = attached;
  ever_attached_ = true;
  draining_ = false;
  attempts_ = 0;
  lease_.OnGranted(attach_sent_, FromProto(attached.lease_ttl()));
  flight_.OnAttached(lease_.ttl());
  send_.AimFramesAt(flight_.frame_bytes());
  confirming_ = lease_.Stale(now);
  if (confirming_) {  // as after a long wait for a held lane: nothing but a renewal is sent until that is answered
    lease_.OnGranted(now, FromProto(attached.lease_ttl()));
    lease_.RenewNow();
  }
  state_ = confirming_ ? State::kAttaching : State::kOpen;
}

SendQueue::Limits StreamSession::LimitsOf(const v1::Attached& attached) const {
  SendQueue::Limits limits;
  limits.window_messages = attached.send_window().messages();
  limits.window_bytes = attached.send_window().bytes();
  limits.max_message_bytes = attached.host_to_chip().max_message_bytes();
  limits.max_frame_bytes = attached.max_frame_bytes() > 0 ? attached.max_frame_bytes() : kDefaultFrameBytes;
  return limits;
}

absl::Status StreamSession::FirstAttach(const v1::Attached& attached) {
  if (attached.has_host_to_chip() != sends() || attached.has_chip_to_host() != receives()) {
    return absl::InternalError("the node attached other directions than were asked for");
  }
  if (receives()) receive_.Attach(attached.chip_to_host());
  if (!sends()) return absl::OkStatus();
  return send_.Attach(attached.host_to_chip().next_sequence(), attached.host_to_chip().consumed(), LimitsOf(attached),
                      options_.send_from);
}

absl::Status StreamSession::Reattach(const v1::Attached& attached) {
  if (receives()) {
    const absl::Status same = CheckSameLane(attached_.chip_to_host(), attached.chip_to_host());
    if (!same.ok()) return same;
    const absl::Status status = receive_.Resume(attached.chip_to_host());
    if (!status.ok()) return status;
  }
  if (!sends()) return absl::OkStatus();
  const absl::Status same = CheckSameLane(attached_.host_to_chip(), attached.host_to_chip());
  if (!same.ok()) return same;
  return send_.Resume(attached.host_to_chip().next_sequence(), attached.host_to_chip().consumed(), LimitsOf(attached));
}

absl::Status StreamSession::CheckSameLane(const v1::AttachedLane& before, const v1::AttachedLane& now) const {
  if (before.lane() == now.lane() && before.generation() == now.generation()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, v1::LANE_RESET,
                   absl::StrCat("lane ", before.lane(), " was reset while away: generation ", before.generation(),
                                " is now ", now.generation()),
                   {{"generation", absl::StrCat(now.generation())},
                    {"published", absl::StrCat(send_.published())},
                    {"acked", absl::StrCat(receive_.acked())}});
}

void StreamSession::OnCallEnded(const absl::Status& status, MonoTime now) {
  if (state_ == State::kEnded) return;
  lease_.OnBroken();
  const bool silent = std::exchange(breaking_off_, false);
  detach_sent_ = detach_sent_ && status.ok();  // without the node's answer it is said again after the resume
  if (detach_sent_) return End(Describe(absl::CancelledError("the stream was closed")));
  if (!ever_attached_ || !options_.reconnect || !IsRetryable(status)) {
    return End(status.ok() ? Describe(absl::UnavailableError("the node ended the stream")) : status);
  }
  last_break_ = silent ? absl::UnavailableError("the node fell silent") : status;
  state_ = State::kBroken;
  retry_at_ = After(now, BackoffOf(silent ? 0 : attempts_++, jitter_));
  EndIfExpired(now);
}

void StreamSession::OnTime(MonoTime now) { EndIfExpired(now); }

void StreamSession::EndIfExpired(MonoTime now) {
  if (state_ == State::kEnded || !lease_.Expired(now)) return;
  const std::string why = last_break_.ok() ? "" : absl::StrCat("; last heard: ", std::string(last_break_.message()));
  End(Describe(MakeError(absl::StatusCode::kAborted, v1::LEASE_EXPIRED,
                         absl::StrCat("the lease of session ", attached_.session_id(),
                                      " ran out: no renewal answered for ", absl::FormatDuration(lease_.ttl()),
                                      "; open a stream with this session id to learn where it stands", why),
                         {{"session_id", attached_.session_id()},
                          {"published", absl::StrCat(send_.published())},
                          {"acked", absl::StrCat(receive_.acked())}})));
}

MonoTime StreamSession::SilentAt() const {
  if (!ever_attached_ || !options_.reconnect || breaking_off_) return kNever;
  if (state_ == State::kAttaching && !confirming_) return After(attach_sent_, AttachPatience(lease_.ttl(), silences_));
  if (state_ != State::kOpen && !confirming_) return kNever;
  // A renewal that is due and cannot be sent, because a write is stuck, is not answered either.
  const MonoTime unanswered = std::min(lease_.unanswered_since(), lease_.next_renewal());
  return After(std::max(unanswered, heard_at_), SilencePatience(lease_.ttl(), silences_));
}

void StreamSession::OnBreakingOff() {
  breaking_off_ = true;
  ++silences_;
}

RequestFrame StreamSession::NextFrame(MonoTime now) {
  EndIfExpired(now);
  if (state_ == State::kEnded || !lease_.held() || detach_sent_) return nullptr;
  const bool renews_along = attached_.renewals_with_messages() && state_ == State::kOpen;
  if (!renews_along && RenewalDue(now) && (state_ == State::kOpen || confirming_)) return RenewFrame(now);
  if (state_ != State::kOpen) return nullptr;
  RequestFrame frame = flight_.HasRoom() ? send_.NextFrame() : nullptr;
  if (frame != nullptr) {
    flight_.OnSent(frame->ByteSizeLong());
    Carry(*frame->mutable_messages(), now);
    return frame;
  }
  if (RenewalDue(now)) return RenewFrame(now);
  if (const auto through = receive_.NextAck(detach_)) {
    frame = std::make_shared<v1::StreamRequest>();
    frame->mutable_ack()->set_through(*through);
    return frame;
  }
  if (!detach_ || !send_.all_sent()) return nullptr;
  detach_sent_ = true;
  frame = std::make_shared<v1::StreamRequest>();
  frame->mutable_detach();
  return frame;
}

// A frame that is sent again does not say again what it said then.
void StreamSession::Carry(v1::Messages& messages, MonoTime now) {
  const bool understood = attached_.renewals_with_messages();
  messages.set_more_follow(understood && !send_.all_sent());
  messages.set_renew_token(understood && RenewalDue(now) ? Renew(now) : 0);
  if (const auto through = receive_.NextAck(/*goes_anyway=*/true)) {
    messages.mutable_ack()->set_through(*through);
  } else {
    messages.clear_ack();
  }
}

RequestFrame StreamSession::RenewFrame(MonoTime now) {
  auto frame = std::make_shared<v1::StreamRequest>();
  frame->mutable_renew()->set_token(Renew(now));
  return frame;
}

MonoTime StreamSession::NextDeadline(bool writing) const {
  const MonoTime renewal = writing || detach_sent_ ? kNever : lease_.next_renewal();
  switch (state_) {
    case State::kEnded: return kNever;
    case State::kBroken: return std::min(retry_at_, lease_.expiry());
    case State::kAttaching: return std::min({SilentAt(), lease_.expiry(), confirming_ ? renewal : kNever});
    case State::kOpen: return std::min({SilentAt(), lease_.expiry(), renewal});
  }
  return kNever;
}

void StreamSession::End(const absl::Status& status) {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  status_ = status;
}

// Says which node and channel, for what the client itself finds wrong.
absl::Status StreamSession::Describe(const absl::Status& status) const {
  return NameNode(NameScope(status, absl::StrCat("channel ", channel_.name())), node_);
}

absl::Status StreamSession::CheckSend(const OutgoingMessage& message) const {
  if (state_ == State::kEnded) return status_;
  if (!sends()) {
    return Describe(MakeError(absl::StatusCode::kInvalidArgument, v1::DIRECTION_NOT_HELD,
                              "this stream holds no host_to_chip lane"));
  }
  if (detach_) return Describe(absl::CancelledError("the stream is being closed"));
  const absl::Status status = send_.CheckMessage(message);
  if (status.ok()) return status;
  return Describe(NameScope(status, absl::StrCat("lane ", attached_.host_to_chip().lane())));
}

absl::Status StreamSession::CheckReceive() const {
  if (!receives()) {
    return Describe(MakeError(absl::StatusCode::kInvalidArgument, v1::DIRECTION_NOT_HELD,
                              "this stream holds no chip_to_host lane"));
  }
  return state_ == State::kEnded && receive_.empty() ? status_ : absl::OkStatus();
}

absl::Status StreamSession::CheckRoom(IncomingMessage* message) const {
  const ReceivedMessage next = receive_.front();
  message->payload_bytes = static_cast<uint32_t>(next.payload.size());
  message->route = next.route;
  message->correlation_id = next.correlation_id;
  if (next.payload.size() <= message->room.size()) return absl::OkStatus();
  return Describe(
      MakeError(absl::StatusCode::kInvalidArgument, v1::MESSAGE_TOO_LARGE,
                absl::StrCat("lane ", attached_.chip_to_host().lane(), ": message of ", message->payload_bytes,
                             " bytes > room of ", message->room.size(), "; it stays: receive it with more room"),
                {{"bytes", absl::StrCat(message->payload_bytes)}, {"room", absl::StrCat(message->room.size())}}));
}

StreamPositions StreamSession::Positions() const {
  StreamPositions at;
  at.session_id = ever_attached_ ? attached_.session_id() : options_.session_id;
  at.epoch = attached_.epoch();
  at.send_lane = attached_.host_to_chip().lane();
  at.receive_lane = attached_.chip_to_host().lane();
  at.next_sequence = send_.next_sequence();
  at.published = send_.published();
  at.consumed = send_.consumed();
  at.received = receive_.received();
  at.acked = receive_.acked();
  at.reconnects = reconnects_;
  at.window_messages = attached_.send_window().messages();
  at.window_bytes = attached_.send_window().bytes();
  at.max_message_bytes = (sends() ? attached_.host_to_chip() : attached_.chip_to_host()).max_message_bytes();
  at.attached = state_ == State::kOpen;
  at.chip_lost = chip_lost_;
  at.draining = draining_;
  return at;
}

}  // namespace l3link::client
