// The way of a ChannelStream from its attach frame to its lanes: at once, in turn, or not.
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/channel_stream.h"
#include "server/channel/find_channel.h"

namespace l3link {
namespace {

constexpr size_t kMostEarlyFrames = 256;
constexpr uint64_t kMostEarlyBytes = uint64_t{1} << 20;

bool IsHeld(const absl::Status& status) {
  return IsRefusal(status, Reason::kLANE_HELD) || IsRefusal(status, Reason::kLANES_ALL_HELD);
}

}  // namespace

void ChannelStream::TryAttachLocked(MonoTime now) {
  absl::StatusOr<std::unique_ptr<LaneGrip>> grip = LaneGrip::Take(node_, leases_, *worker_, plan_, this, now);
  if (grip.ok()) return BeginLocked(*std::move(grip), now);
  if (!IsHeld(grip.status()) || !plan_.wait_if_held) return EndLocked(grip.status());
  WaitLocked(grip.status(), now);
}

void ChannelStream::WaitLocked(const absl::Status& held, MonoTime now) {
  held_ = held;
  if (phase_ == Phase::kWaiting) return;
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(*worker_, plan_.channel);
  if (!channel.ok()) return EndLocked(channel.status());
  phase_ = Phase::kWaiting;
  wait_until_ = After(now, plan_.wait);
  leases_.of(*worker_).Await(this, (*channel)->generation());
  SetTimerLocked(wait_until_);
}

void ChannelStream::BeginLocked(std::unique_ptr<LaneGrip> grip, MonoTime now) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (phase_ == Phase::kWaiting) leases_.of(*worker_).LeaveQueue(this);
  phase_ = Phase::kAttached;
  grip_ = std::move(grip);
  worker_->AddChipListener(this);
  if (worker_->state() == ChipState::kLost) grip_->session().OnChipState(true, "the chip was lost before this attach");
  if (node_.draining()) grip_->session().OnDraining(node_.drain_deadline());
  PumpLocked(now);  // attached goes first
  for (EarlyFrame& early : early_frames_) HandleLocked(early.frame, early.payload, now);
  early_frames_.clear();
  if (half_closed_ && phase_ == Phase::kAttached) grip_->session().OnHalfClose(now);
  PumpLocked(now);
}

void ChannelStream::OnLeaseTurn() {
  if (phase_ == Phase::kWaiting) TryAttachLocked(MonoNow());
}

// A stream is always read on, also while it waits: hand-written clients send everything at once.
void ChannelStream::KeepForLaterLocked(v1::StreamRequest& frame, FramePayload payload) {
  early_bytes_ += frame.ByteSizeLong() + payload.size();
  if (early_frames_.size() == kMostEarlyFrames || early_bytes_ > kMostEarlyBytes) {
    return EndLocked(l3link::Refuse(
        Reason::kWINDOW_EXCEEDED,
        absl::StrCat("more than ", kMostEarlyFrames, " frames or ", kMostEarlyBytes, " bytes sent before attached"),
        {{"window_bytes", absl::StrCat(kMostEarlyBytes)}}));
  }
  early_frames_.emplace_back();
  early_frames_.back().frame.Swap(&frame);
  early_frames_.back().payload = std::move(payload);
}

}  // namespace l3link
