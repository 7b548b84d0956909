// Hands what callbacks bring from the client's poller thread to the main thread, which may block on output.
#ifndef L3LINK_CLIENT_CLI_EVENT_QUEUE_H_
#define L3LINK_CLIENT_CLI_EVENT_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace l3link::cli {

// Unbounded: its users bound what can be in it (a receive window, coalesced watch events). std::condition_variable, as
// Abseil's timeouts follow the wall clock.
template <typename T>
class EventQueue {
 public:
  // Never blocks for long; any thread.
  void Push(T event) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      events_.push_back(std::move(event));
    }
    arrived_.notify_one();
  }

  // The oldest; nothing when none came within `timeout`.
  absl::optional<T> Pop(absl::Duration timeout) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!arrived_.wait_for(lock, absl::ToChronoNanoseconds(timeout), [this] { return !events_.empty(); })) {
      return absl::nullopt;
    }
    T event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<T> events_;
};

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_EVENT_QUEUE_H_
