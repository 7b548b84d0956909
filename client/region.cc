#include "client/region.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/monitor.h"
#include "client/poller.h"
#include "client/watch_stream.h"
#include "client/watch_table.h"

namespace l3link::client {

WatchHandle::WatchHandle(std::shared_ptr<WatchStream> stream, uint64_t watch_id)
    : stream_(std::move(stream)), watch_id_(watch_id) {}

WatchHandle::~WatchHandle() { Cancel(); }

WatchHandle::WatchHandle(WatchHandle&& other) noexcept
    : stream_(std::move(other.stream_)), watch_id_(std::exchange(other.watch_id_, 0)) {}

WatchHandle& WatchHandle::operator=(WatchHandle&& other) noexcept {
  if (this != &other) {
    Cancel();
    stream_ = std::move(other.stream_);
    watch_id_ = std::exchange(other.watch_id_, 0);
  }
  return *this;
}

void WatchHandle::Cancel() {
  if (stream_ == nullptr) return;
  std::exchange(stream_, nullptr)->Remove(std::exchange(watch_id_, 0));
}

Region::Region(std::shared_ptr<Connection> connection, v1::Region info, bool created)
    : connection_(std::move(connection)),
      info_(std::move(info)),
      created_(created),
      watches_(std::make_shared<WatchStream>(connection_, info_.id())) {}

Region::~Region() { watches_->Stop(); }

absl::StatusOr<v1::Region> Region::Refresh() const {
  v1::GetRegionRequest request;
  *request.mutable_region() = id();
  auto answer = connection_->Call(connection_->memory(), &v1::MemoryService::Stub::GetRegion, request);
  if (!answer.ok()) return answer.status();
  return answer->region();
}

absl::Status Region::Close() {
  v1::CloseRegionRequest request;
  *request.mutable_region() = id();
  return connection_->Call(connection_->memory(), &v1::MemoryService::Stub::CloseRegion, request).status();
}

absl::StatusOr<WaitResult> Region::Test(absl::Span<const SignalCondition> conditions, Combine combine) const {
  v1::TestRequest request;
  *request.mutable_region() = id();
  for (const SignalCondition& condition : conditions) *request.add_conditions() = ToProto(condition);
  request.set_combine(combine == Combine::kAll ? v1::COMBINE_ALL : v1::COMBINE_ANY);
  auto answer = connection_->Call(connection_->memory(), &v1::MemoryService::Stub::Test, request);
  if (!answer.ok()) return answer.status();
  return WaitResult{answer->satisfied(), {answer->values().begin(), answer->values().end()}};
}

absl::StatusOr<WaitResult> Region::Wait(const SignalCondition& condition, absl::Duration timeout) {
  return WaitFor({&condition, 1}, Combine::kAny, timeout);
}

absl::StatusOr<WaitResult> Region::WaitAny(absl::Span<const SignalCondition> conditions, absl::Duration timeout) {
  return WaitFor(conditions, Combine::kAny, timeout);
}

absl::StatusOr<WaitResult> Region::WaitAll(absl::Span<const SignalCondition> conditions, absl::Duration timeout) {
  return WaitFor(conditions, Combine::kAll, timeout);
}

absl::StatusOr<WaitResult> Region::WaitFor(absl::Span<const SignalCondition> conditions, Combine combine,
                                           absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  // A probe needs no watch; and a caller in a reaction would wait for itself.
  if (timeout == absl::ZeroDuration() || Poller::IsReacting()) return Test(conditions, combine);
  struct {
    Mutex mutex;
    Condition done;
    std::optional<absl::StatusOr<WaitResult>> result;
  } wait;
  const auto done = [&wait](const absl::StatusOr<WaitResult>& result) {
    MutexLock lock(wait.mutex);
    wait.result = result;
    wait.done.WakeAll();
  };
  const WatchHandle handle(watches_, watches_->Add(conditions, combine, true, After(MonoNow(), timeout), done,
                                                   /*awaited=*/true));
  MutexLock lock(wait.mutex);
  while (!wait.result) connection_->poller().Wait(wait.done, wait.mutex, kNever);  // WaitThen keeps the time
  return *std::move(wait.result);
}

absl::StatusOr<WatchHandle> Region::Watch(absl::Span<const SignalCondition> conditions, Combine combine,
                                          WatchCallback callback) {
  return WatchHandle(watches_, watches_->Add(conditions, combine, false, kNever, std::move(callback)));
}

absl::StatusOr<WatchHandle> Region::WaitThen(absl::Span<const SignalCondition> conditions, Combine combine,
                                             absl::Duration timeout, WatchCallback callback) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return WatchHandle(watches_,
                     watches_->Add(conditions, combine, true, After(MonoNow(), timeout), std::move(callback)));
}

void Region::BreakForTest() { watches_->Break(); }

}  // namespace l3link::client
