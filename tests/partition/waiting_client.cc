#include "tests/partition/waiting_client.h"

#include <cstdint>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/monitor.h"
#include "client/orchestrator.h"
#include "client/steady_time.h"

namespace l3link::partition {
namespace {

constexpr absl::Duration kShortWait = absl::Milliseconds(100);

void Say(const std::string& line) {
  puts(line.c_str());
  fflush(stdout);
}

// What the callbacks tell.
class Told {
 public:
  void Wake(const absl::StatusOr<client::WaitResult>& result) {
    client::MutexLock lock(mutex_);
    if (!Take(result)) return;
    Say(absl::StrCat("woke value=", result->values[0]));
  }
  void See(const absl::StatusOr<client::WaitResult>& result) {
    client::MutexLock lock(mutex_);
    if (!Take(result)) return;
    if (result->values[0] < newest_) wrong_ = absl::DataLossError("the watched signal went back");
    newest_ = result->values[0];
    Say(absl::StrCat("saw value=", newest_));
  }
  absl::Status wrong() {
    client::MutexLock lock(mutex_);
    return wrong_;
  }

 private:
  bool Take(const absl::StatusOr<client::WaitResult>& result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!result.ok())
      wrong_ = result.status();
    else if (!result->satisfied)
      wrong_ = absl::InternalError("a wait without end ended");
    return wrong_.ok();
  }

  client::Mutex mutex_;
  absl::Status wrong_ ABSL_GUARDED_BY(mutex_);
  uint64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
};

// For what never comes: it ends at its time, not before, and that is no error.
absl::Status WaitInVain(client::Region& region) {
  const client::MonoTime began = client::MonoNow();
  const auto waited = region.Wait({.signal = 2, .target = 1}, kShortWait);
  if (!waited.ok()) return waited.status();
  if (waited->satisfied) return absl::InternalError("a wait was satisfied by what never came");
  if (client::MonoNow() < client::After(began, kShortWait)) return absl::InternalError("a wait ended before its time");
  return absl::OkStatus();
}

}  // namespace

absl::Status WaitUntilStopped(const std::string& target, const std::string& name, const std::atomic<bool>& stop) {
  const auto orchestrator = client::Orchestrator::Connect({target});
  if (!orchestrator.ok()) return orchestrator.status();
  const auto region = (*orchestrator)->FindRegion(0, name);
  if (!region.ok()) return region.status();
  Told told;
  const client::SignalCondition first = {.signal = 0, .target = 1}, second = {.signal = 1, .target = 1};
  const auto wait = (*region)->WaitThen({&first, 1}, client::Combine::kAny, absl::InfiniteDuration(),
                                        [&told](const auto& result) { told.Wake(result); });
  const auto watch =
      (*region)->Watch({&second, 1}, client::Combine::kAny, [&told](const auto& result) { told.See(result); });
  absl::Status status = wait.ok() ? watch.status() : wait.status();
  uint64_t waits = 0;
  for (; status.ok() && !stop; ++waits) {
    status = WaitInVain(**region);
    if (status.ok()) status = told.wrong();
  }
  if (status.ok()) Say(absl::StrCat("closed waits=", waits));
  return status;
}

}  // namespace l3link::partition
