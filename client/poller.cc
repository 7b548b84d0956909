#include "client/poller.h"

#include <pthread.h>

#include <algorithm>
#include <mutex>

#include "absl/time/time.h"
#include "grpc/support/time.h"

namespace l3link::client {

std::shared_ptr<Poller> Poller::Shared() {
  static std::mutex mutex;
  static std::weak_ptr<Poller> running;
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<Poller> poller = running.lock();
  if (poller == nullptr) running = poller = std::make_shared<Poller>();
  return poller;
}

Poller::Poller() : thread_([this] { Run(); }) { pthread_setname_np(thread_.native_handle(), "l3link-client"); }

Poller::~Poller() {
  queue_.Shutdown();
  thread_.join();
}

void Poller::SetAlarm(grpc::Alarm& alarm, MonoTime at, Tag* tag) {
  const absl::Duration left = std::max(absl::ZeroDuration(), Between(MonoNow(), at));
  alarm.Set(
      &queue_,
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(absl::ToInt64Nanoseconds(left), GPR_TIMESPAN)),
      tag);
}

void Poller::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) static_cast<Tag*>(tag)->OnCompletion(ok);
}

}  // namespace l3link::client
