#include "server/channel/lane_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backends/host/refusal.h"
#include "server/channel/find_channel.h"
#include "server/channel/poison_log.h"
#include "server/errors.h"

namespace l3link {
namespace {

constexpr absl::Duration kLookUp = absl::Milliseconds(500);

}  // namespace

LaneCall::LaneCall(Node* node, Leases* leases, grpc::CallbackServerContext* context)
    : node_(*node), leases_(*leases), context_(context) {}

grpc::ServerUnaryReactor* LaneCall::Start(const std::shared_ptr<LaneCall>& call, const v1::ChannelId& channel,
                                          absl::Duration timeout) {
  LaneCall& self = *call;
  self.self_ = call;
  absl::StatusOr<ChipWorker*> worker = self.node_.FindWorker(channel.worker_id());
  if (!worker.ok()) {
    self.Finish(ToGrpc(worker.status()));
    return call.get();
  }
  const MonoTime now = MonoNow();
  // Not absl::Now(), which goes on from an earlier look for a while after the clock was set.
  const absl::Duration call_left = absl::FromChrono(self.context_->deadline() - std::chrono::system_clock::now());
  ChipLock lock(**worker);
  self.worker_ = *worker;
  self.deadline_ = After(now, std::max(absl::ZeroDuration(), std::min(timeout, call_left)));
  absl::Status status = self.FindLocked(channel);
  if (status.ok()) status = self.Prepare();
  if (status.ok()) {
    self.TryLocked(now);
  } else {
    self.FinishLocked(status);
  }
  return call.get();
}

absl::Status LaneCall::FindLocked(const v1::ChannelId& id) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(*worker_, id);
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  return absl::OkStatus();
}

void LaneCall::TryLocked(MonoTime now) {
  if (finished_) return;
  std::vector<HostLane*> waits_on;
  const absl::optional<absl::Status> result = Try(now, &waits_on);
  if (result.has_value()) return FinishLocked(*result);
  if (now >= deadline_ || node_.draining()) return FinishLocked(TimedOut());
  WaitLocked(std::move(waits_on));
}

void LaneCall::WaitLocked(std::vector<HostLane*> lanes) {
  if (lanes != waiting_on_) {
    StopWaitingLocked();
    waiting_on_ = std::move(lanes);
    for (HostLane* lane : waiting_on_) lane->waiters.push_back(&ear_);
  }
  if (timer_ == 0) SetTimerLocked(MonoNow());
}

// Looks up now and then, so that a node that drains is not held up by calls that wait for long.
void LaneCall::SetTimerLocked(MonoTime now) {
  timer_ = node_.ticker().Add(std::min(deadline_, After(now, kLookUp)),
                              [self = shared_from_this()](MonoTime later) { self->OnTimer(later); });
}

void LaneCall::StopWaitingLocked() {
  for (HostLane* lane : waiting_on_) std::erase(lane->waiters, &ear_);
  waiting_on_.clear();
}

void LaneCall::OnTimer(MonoTime now) {
  ChipLock lock(*worker_);
  if (finished_) return;
  if (now >= deadline_ || node_.draining()) return FinishLocked(TimedOut());
  SetTimerLocked(now);
}

void LaneCall::OnCancel() {
  if (worker_ == nullptr) return;
  ChipLock lock(*worker_);
  if (!finished_) FinishLocked(absl::CancelledError("the client is gone"));
}

void LaneCall::GoneLocked(bool channel_closed) {
  if (finished_) return;
  FinishLocked(channel_closed ? Refuse(Reason::kCHANNEL_CLOSED, "the channel was closed")
                              : Refuse(Reason::kLANE_RESET, "the lane was reset"));
}

void LaneCall::FinishLocked(const absl::Status& status) {
  finished_ = true;
  StopWaitingLocked();
  if (timer_ != 0) node_.ticker().Cancel(timer_);
  status_ = ToGrpc(channel_ == nullptr ? status : WithMetadata(status, {{"channel", channel_->name()}}));
  if (channel_ != nullptr) LogIfPoison(*worker_, channel_->name(), status);
  ChipLock::Defer(*worker_, &finisher_);
}

}  // namespace l3link
