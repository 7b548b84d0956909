#include "client/watch_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/durations.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

constexpr absl::Duration kNodeEndsWaits = absl::Milliseconds(250);

v1::Comparison ToProto(Compare compare) {
  switch (compare) {
    case Compare::kGe: return v1::COMPARISON_GE;
    case Compare::kGt: return v1::COMPARISON_GT;
    case Compare::kEq: return v1::COMPARISON_EQ;
    case Compare::kNe: return v1::COMPARISON_NE;
    case Compare::kLe: return v1::COMPARISON_LE;
    case Compare::kLt: return v1::COMPARISON_LT;
  }
  return v1::COMPARISON_UNSPECIFIED;
}

absl::Status RefusalOf(const v1::WatchEvent& event) {
  v1::Reason reason = v1::INTERNAL_ERROR;
  v1::Reason_Parse(event.reason(), &reason);
  return MakeError(static_cast<absl::StatusCode>(event.code()), reason, event.message());
}

}  // namespace

v1::Condition ToProto(const SignalCondition& condition) {
  v1::Condition proto;
  proto.set_signal(condition.signal);
  proto.set_comparison(ToProto(condition.compare));
  proto.set_target(condition.target);
  return proto;
}

uint64_t WatchTable::Add(absl::Span<const SignalCondition> conditions, Combine combine, bool once, MonoTime deadline,
                         WatchCallback callback) {
  Watch watch;
  watch.frame.set_watch_id(++last_id_);
  for (const SignalCondition& condition : conditions) *watch.frame.add_conditions() = ToProto(condition);
  watch.frame.set_combine(combine == Combine::kAll ? v1::COMBINE_ALL : v1::COMBINE_ANY);
  watch.frame.set_once(once);
  watch.deadline = deadline;
  watch.callback = std::make_shared<const WatchCallback>(std::move(callback));
  if (deadline != kNever) deadlines_.insert({deadline, last_id_});
  watches_.emplace(last_id_, std::move(watch));
  if (attached_) to_arm_.push_back(last_id_);
  return last_id_;
}

void WatchTable::Remove(uint64_t watch_id) {
  const auto found = watches_.find(watch_id);
  if (found == watches_.end()) return;
  deadlines_.erase({found->second.deadline, watch_id});
  watches_.erase(found);
  if (attached_) to_unwatch_.push_back(watch_id);
}

void WatchTable::OnAttached() {
  attached_ = true;
  broken_ = false;
  to_unwatch_.clear();
  to_arm_.clear();
  for (const auto& [watch_id, watch] : watches_) to_arm_.push_back(watch_id);
  std::sort(to_arm_.begin(), to_arm_.end());
}

void WatchTable::OnBroken() {
  attached_ = false;
  broken_ = true;
  to_unwatch_.clear();
  to_arm_.clear();
}

std::optional<v1::MemoryServiceStreamRequest> WatchTable::NextFrame(MonoTime now) {
  v1::MemoryServiceStreamRequest frame;
  while (!to_arm_.empty()) {
    const auto found = watches_.find(to_arm_.front());
    to_arm_.pop_front();
    if (found == watches_.end()) continue;  // removed before it was armed
    const Watch& watch = found->second;
    *frame.mutable_watch() = watch.frame;
    if (watch.deadline != kNever) {
      const absl::Duration left = std::max(absl::ZeroDuration(), Between(now, watch.deadline));
      *frame.mutable_watch()->mutable_timeout() = ToProto(left);
    }
    return frame;
  }
  if (to_unwatch_.empty()) return std::nullopt;
  frame.mutable_unwatch()->set_watch_id(to_unwatch_.front());
  to_unwatch_.pop_front();
  return frame;
}

DueCallback WatchTable::Take(uint64_t watch_id, absl::StatusOr<WaitResult> result) {
  const auto found = watches_.find(watch_id);
  DueCallback due{watch_id, std::move(found->second.callback), std::move(result)};
  deadlines_.erase({found->second.deadline, watch_id});
  watches_.erase(found);
  return due;
}

std::optional<DueCallback> WatchTable::OnEvent(const v1::WatchEvent& event) {
  const auto found = watches_.find(event.watch_id());
  if (found == watches_.end()) return std::nullopt;  // removed meanwhile
  if (event.code() != 0) return Take(event.watch_id(), NameNode(RefusalOf(event), node_));
  Watch& watch = found->second;
  WaitResult result{event.satisfied(), {event.values().begin(), event.values().end()}};
  if (watch.frame.once()) return Take(event.watch_id(), std::move(result));
  if (watch.fired && watch.last_values == result.values) return std::nullopt;  // armed again, nothing new
  watch.fired = true;
  watch.last_values = result.values;
  return DueCallback{event.watch_id(), watch.callback, std::move(result)};
}

absl::Duration WatchTable::Guard() const { return broken_ ? absl::ZeroDuration() : kNodeEndsWaits; }

MonoTime WatchTable::NextDeadline() const {
  return deadlines_.empty() ? kNever : After(deadlines_.begin()->first, Guard());
}

std::optional<DueCallback> WatchTable::TakeExpired(MonoTime now) {
  if (NextDeadline() > now) return std::nullopt;
  const uint64_t watch_id = deadlines_.begin()->second;
  if (attached_) to_unwatch_.push_back(watch_id);
  return Take(watch_id, WaitResult{});
}

std::optional<DueCallback> WatchTable::TakeAny(const absl::Status& status) {
  if (watches_.empty()) return std::nullopt;
  return Take(watches_.begin()->first, status);
}

}  // namespace l3link::client
