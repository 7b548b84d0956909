#include "server/memory/wait_reactor.h"

#include <utility>

#include "server/errors.h"
#include "server/memory/region_convert.h"

namespace l3link {
namespace {

grpc::ServerUnaryReactor* Refused(grpc::CallbackServerContext* context, const absl::Status& why) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(why));
  return reactor;
}

}  // namespace

void LiveWaits::Enter(const std::shared_ptr<WaitReactor>& wait) {
  absl::MutexLock lock(&mu_);
  waits_.emplace(wait.get(), wait);
}

void LiveWaits::Leave(WaitReactor* wait) {
  absl::MutexLock lock(&mu_);
  waits_.erase(wait);
}

void LiveWaits::EndAll(const absl::Status& why) {
  std::vector<std::shared_ptr<WaitReactor>> waits;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [pointer, weak] : waits_) {
      if (std::shared_ptr<WaitReactor> wait = weak.lock()) waits.push_back(std::move(wait));
    }
  }
  for (const std::shared_ptr<WaitReactor>& wait : waits) wait->EndWith(why);
}

grpc::ServerUnaryReactor* WaitReactor::Start(grpc::CallbackServerContext* context, const v1::WaitRequest& request,
                                             v1::WaitResponse* response, std::unique_ptr<RegionAccess> region,
                                             Node* node, LiveWaits* live) {
  absl::StatusOr<std::vector<Condition>> conditions = ConditionsOf(request.conditions(), node->limits().max_conditions);
  if (!conditions.ok()) return Refused(context, conditions.status());
  absl::StatusOr<Combine> combine = CombineOf(request.combine());
  if (!combine.ok()) return Refused(context, combine.status());
  absl::Duration timeout = absl::InfiniteDuration();  // then the call's own deadline cancels it
  if (request.has_timeout()) {
    absl::StatusOr<absl::Duration> legal = TimeoutOf(request.timeout());
    if (!legal.ok()) return Refused(context, legal.status());
    timeout = *legal;
  }
  auto reactor = std::make_shared<WaitReactor>(*std::move(conditions), response, std::move(region), node, live);
  reactor->self_ = reactor;
  live->Enter(reactor);
  reactor->Arm(*combine, timeout);
  return reactor.get();  // gRPC's until OnDone
}

WaitReactor::WaitReactor(std::vector<Condition> conditions, v1::WaitResponse* response,
                         std::unique_ptr<RegionAccess> region, Node* node, LiveWaits* live)
    : conditions_(std::move(conditions)), response_(response), region_(std::move(region)), node_(*node), live_(*live) {}

void WaitReactor::Arm(Combine combine, absl::Duration timeout) {
  absl::StatusOr<WaitTable::WaitId> wait = region_->AddWait({conditions_, combine, WaitMode::kOnce, this, 0});
  if (!wait.ok()) return EndWith(wait.status());
  {
    absl::MutexLock lock(&mu_);
    wait_ = *wait;
    if (decided_) return;
    if (timeout > absl::ZeroDuration()) {
      timer_ = node_.ticker().Add(After(MonoNow(), timeout), [weak = weak_from_this()](MonoTime) {
        if (std::shared_ptr<WaitReactor> self = weak.lock()) self->OnTimeout();
      });
      return;
    }
  }
  OnTimeout();  // 0 is one probe
}

void WaitReactor::OnTimeout() {
  if (!Decide()) return;
  response_->set_satisfied(false);
  absl::StatusOr<std::vector<uint64_t>> values = region_->Values(conditions_);
  if (values.ok()) response_->mutable_values()->Add(values->begin(), values->end());
  Finish(ToGrpc(values.status()));
}

void WaitReactor::EndWith(const absl::Status& why) {
  if (Decide()) Finish(ToGrpc(why));
}

// Also removes wait and timer, which must not outlive the call; so it is not for those who hold the chip worker's lock.
bool WaitReactor::Decide() {
  WaitTable::WaitId wait;
  {
    absl::MutexLock lock(&mu_);
    if (decided_) return false;
    decided_ = true;
    wait = wait_;
    if (timer_ != 0) node_.ticker().Cancel(timer_);
  }
  if (wait != WaitTable::kGone) region_->RemoveWait(wait);
  return true;
}

void WaitReactor::OnWaitFired(uint64_t, absl::Span<const uint64_t> values) {
  {
    absl::MutexLock lock(&mu_);
    if (decided_) return;
    decided_ = true;
    if (timer_ != 0) node_.ticker().Cancel(timer_);
  }
  response_->set_satisfied(true);
  response_->mutable_values()->Add(values.begin(), values.end());
  FinishAfterLock(absl::OkStatus());
}

void WaitReactor::OnWaitEnded(uint64_t, const absl::Status& why) {
  {
    absl::MutexLock lock(&mu_);
    if (decided_) return;
    decided_ = true;
    if (timer_ != 0) node_.ticker().Cancel(timer_);
  }
  FinishAfterLock(why);
}

void WaitReactor::FinishAfterLock(absl::Status status) {
  outcome_ = std::move(status);
  finishing_ = shared_from_this();
  ChipLock::Defer(region_->worker(), this);
}

void WaitReactor::RunDeferred() {
  const std::shared_ptr<WaitReactor> keep = std::move(finishing_);
  Finish(ToGrpc(outcome_));
}

void WaitReactor::OnDone() {
  live_.Leave(this);
  const std::shared_ptr<WaitReactor> keep = std::move(self_);
}

}  // namespace l3link
