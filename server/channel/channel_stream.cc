#include "server/channel/channel_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/poison_log.h"
#include "server/channel/read_request.h"
#include "server/errors.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

// A half-close and a lost connection both look like the end of reading; the latter is followed by OnOver at once. Waiting a
// little keeps a lost stream's lease from being released as if the client had said that it is done.
constexpr absl::Duration kHalfCloseDelay = absl::Milliseconds(20);

}  // namespace
ChannelStream::ChannelStream(Node* node, Leases* leases, StreamAnchors* anchors, ChannelStreamCall* call)
    : node_(*node),
      leases_(*leases),
      anchors_(*anchors),
      call_(*call),
      start_(call),
      anchor_(std::make_shared<StreamAnchor>(this)),
      principal_(PrincipalOf(call->context().peer())) {
  anchors_.Add(anchor_);
  absl::Status status = node_.CheckNotDraining();
  if (status.ok()) status = node_.streams().Take(1);
  counted_ = status.ok();
  if (!status.ok()) {
    Refuse(status);
    return;
  }
  anchor_->CallAt(node_.ticker(), After(MonoNow(), node_.limits().attach_timeout));
}

void ChannelStream::Refuse(const absl::Status& status) {
  if (call_.Finish(ToGrpc(status))) call_.StartPending();
}

void ChannelStream::OnFrame(grpc::ByteBuffer& bytes) {
  thread_local v1::StreamRequest frame;  // used up before the thread's next one
  FramePayload payload;
  const absl::Status status = ReadRequest(&bytes, &frame, &payload);
  if (worker_ == nullptr) return status.ok() ? OnFirstFrame(frame) : RefuseFirst(status);
  bool looks = false, expects_answer = false;
  {
    ChipLock lock(*worker_);
    const MonoTime now = MonoNow();
    if (!status.ok()) return EndByFrameLocked(status, now);
    if (phase_ == Phase::kWaiting) return KeepForLaterLocked(frame, std::move(payload));
    looks = frame.has_messages() && ExpectsAnswersLocked() && answer_wait_.Begin(*worker_);
    HandleLocked(frame, payload, now);
    expects_answer = looks && ExpectsAnswersLocked();
    if (!expects_answer) PumpLocked(now);
  }
  if (looks) answer_wait_.End(*worker_, expects_answer);
  if (!expects_answer) return;
  ChipLock lock(*worker_);
  PumpLocked(MonoNow());  // what the answer did not take along
}

void ChannelStream::OnFirstFrame(v1::StreamRequest& frame) {
  {
    absl::MutexLock lock(&mu_);
    if (std::exchange(first_frame_seen_, true)) return;  // timed out, or refused: what follows is dropped
  }
  if (!frame.has_attach()) {
    return Refuse(l3link::Refuse(Reason::kATTACH_EXPECTED, "the first frame must be attach"));
  }
  absl::Status status = node_.CheckNotDraining();
  if (!status.ok()) return Refuse(status);
  absl::StatusOr<AttachPlan> plan = ReadAttach(frame.attach(), node_.limits());
  if (!plan.ok()) return Refuse(plan.status());
  absl::StatusOr<ChipWorker*> worker = node_.FindWorker(plan->channel.worker_id());
  if (!worker.ok()) return Refuse(worker.status());
  if (!principal_.ok()) return Refuse(principal_.status());
  ChipLock lock(**worker);
  plan_ = *std::move(plan);
  plan_.principal = *principal_;
  worker_ = *worker;
  TryAttachLocked(MonoNow());
}

void ChannelStream::RefuseFirst(const absl::Status& status) {
  {
    absl::MutexLock lock(&mu_);
    if (std::exchange(first_frame_seen_, true)) return;
  }
  Refuse(status);
}

void ChannelStream::HandleLocked(v1::StreamRequest& frame, FramePayload& payload, MonoTime now) {
  if (phase_ != Phase::kAttached) return;  // over: what is still on its way is dropped
  grip_->Renew(now);
  grip_->session().OnFrame(frame, payload, now);
}

bool ChannelStream::ExpectsAnswersLocked() const {
  return phase_ == Phase::kAttached && grip_->session().receives() && !grip_->session().ended();
}

void ChannelStream::EndByFrameLocked(const absl::Status& why, MonoTime now) {
  if (phase_ == Phase::kWaiting) return EndLocked(why);
  if (phase_ != Phase::kAttached) return;
  grip_->session().End(why);
  PumpLocked(now);
}

void ChannelStream::OnHalfClose() {
  if (worker_ == nullptr) {
    absl::MutexLock lock(&mu_);
    if (std::exchange(first_frame_seen_, true)) return;
  } else {
    ChipLock lock(*worker_);
    half_closed_ = true;
    if (phase_ != Phase::kAttached) return;
    half_close_at_ = After(MonoNow(), kHalfCloseDelay);
    return SetTimerLocked(half_close_at_);
  }
  Refuse(l3link::Refuse(Reason::kATTACH_EXPECTED, "half-closed without attach"));
}

void ChannelStream::OnWritten(bool ok) {
  if (worker_ == nullptr) {  // nothing is ever written before attach
    if (call_.Release()) call_.StartPending();
    return;
  }
  ChipLock lock(*worker_);
  const MonoTime now = MonoNow();
  if (phase_ != Phase::kAttached || !ok) return StartLater(call_.Release());
  LaneSession& session = grip_->session();
  session.OnWritten(now);
  if (call_.response().has_attached()) call_.response().clear_frame();  // an idle stream is not to keep it
  if (session.lingering()) grip_->Renew(now);                           // the client cannot; its open call does
  FillClaimedLocked(now);
  PumpLocked(now);
}

void ChannelStream::OnOver(bool) {
  anchor_->Untie();
  anchors_.Remove(anchor_);
  if (counted_) node_.streams().Give(1);
  if (worker_ == nullptr) return;
  ChipLock lock(*worker_);
  if (phase_ == Phase::kAttached) grip_->session().End(absl::CancelledError("the client is gone"));
  LeaveLocked();
}

void ChannelStream::OnActivity() {
  const MonoTime now = MonoNow();
  grip_->session().OnActivity(now);
  PumpLocked(now);
}

void ChannelStream::OnGone(bool channel_closed, const LaneKey& key) {
  grip_->session().OnLaneGone(channel_closed, key, grip_->GenerationOf(key));
  PumpLocked(MonoNow());
}

void ChannelStream::OnLeaseLost(const absl::Status& why) {
  if (phase_ != Phase::kAttached) return;
  grip_->LeaseIsLost();
  grip_->session().End(why);
  PumpLocked(MonoNow());
}

void ChannelStream::OnChipState(ChipState state, const std::string& detail) {
  if (phase_ != Phase::kAttached || state == ChipState::kAbsent) return;
  grip_->session().OnChipState(state == ChipState::kLost, detail);
  PumpLocked(MonoNow());
}

void ChannelStream::OnDraining(MonoTime deadline) {
  {
    absl::MutexLock lock(&mu_);
    if (!std::exchange(first_frame_seen_, true)) return Refuse(node_.CheckNotDraining());
  }
  if (worker_ == nullptr) return;
  ChipLock lock(*worker_);
  if (phase_ == Phase::kWaiting) return EndLocked(node_.CheckNotDraining());
  if (phase_ != Phase::kAttached) return;
  grip_->session().OnDraining(deadline);
  PumpLocked(MonoNow());
}

void ChannelStream::OnTimer(MonoTime now) {
  {
    absl::MutexLock lock(&mu_);
    if (!std::exchange(first_frame_seen_, true)) {
      return Refuse(l3link::Refuse(
          Reason::kATTACH_TIMEOUT,
          absl::StrCat("no attach within ", absl::FormatDuration(node_.limits().attach_timeout)),
          {{"attach_timeout_ms", absl::StrCat(absl::ToInt64Milliseconds(node_.limits().attach_timeout))}}));
    }
  }
  if (worker_ == nullptr) return;
  ChipLock lock(*worker_);
  if (now >= timer_at_) timer_at_ = kNever;
  if (phase_ == Phase::kWaiting && now >= wait_until_) return EndLocked(held_);
  if (phase_ != Phase::kAttached) return;
  if (now >= half_close_at_) {
    half_close_at_ = kNever;
    grip_->session().OnHalfClose(now);
  }
  if (grip_->session().lingering()) grip_->Renew(now);
  grip_->session().OnTimer(now);
  PumpLocked(now);
}

void ChannelStream::PumpLocked(MonoTime now) {
  if (phase_ != Phase::kAttached) return;
  if (!grip_->session().ended() && call_.TryClaim()) FillClaimedLocked(now);
  if (phase_ != Phase::kAttached) return;
  if (grip_->session().ended()) return EndLocked(grip_->session().status());
  SetTimerLocked(std::min(grip_->session().next_timer(), half_close_at_));
}

void ChannelStream::FillClaimedLocked(MonoTime now) {
  const bool filled = grip_->session().Fill(&call_.response(), now);
  StartLater(filled ? call_.Commit() : call_.Release());
}

void ChannelStream::EndLocked(const absl::Status& status) {
  const grpc::Status end = ToGrpc(WithMetadata(status, {{"channel", plan_.channel.name()}}));
  LogIfPoison(*worker_, plan_.channel.name(), status);
  LeaveLocked();
  StartLater(call_.Finish(end));
}

void ChannelStream::LeaveLocked() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (phase_ == Phase::kWaiting) leases_.of(*worker_).LeaveQueue(this);
  if (phase_ == Phase::kAttached) worker_->RemoveChipListener(this);
  phase_ = Phase::kOver;
  early_frames_.clear();
  // Giving the lanes back may give another stream its turn, which looks at nothing of this one.
  grip_.reset();
}

void ChannelStream::StartLater(bool owed) {
  if (owed) ChipLock::Defer(*worker_, &start_);
}

// A timer that is armed for an earlier time is left to fire: it finds nothing due and arms the next.
void ChannelStream::SetTimerLocked(MonoTime when) {
  if (when >= timer_at_) return;
  timer_at_ = when;
  anchor_->CallAt(node_.ticker(), when);
}

}  // namespace l3link
