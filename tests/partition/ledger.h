// Keeps what the clients of one test record, read along by a thread of its own so that their logs never fill up, until it is
// judged.
#ifndef L3LINK_TESTS_PARTITION_LEDGER_H_
#define L3LINK_TESTS_PARTITION_LEDGER_H_

#include <atomic>
#include <chrono>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/chaos/client_log.h"
#include "tests/history/event.h"

namespace l3link::partition {

class Ledger {
 public:
  // `logs` outlive this.
  explicit Ledger(std::vector<chaos::ClientLog*> logs) : logs_(std::move(logs)), events_(logs_.size()) {
    thread_ = std::thread([this] { Run(); });
  }
  ~Ledger() { Stop(); }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // When all that was recorded is here; afterwards `events` may be looked at.
  void Stop() {
    stopping_.store(true, std::memory_order_release);  // pairs with Run's acquire
    if (thread_.joinable()) thread_.join();
  }
  const std::deque<history::Event>& events(size_t log) const { return events_[log]; }

 private:
  void Run() {
    for (;;) {
      const bool last = stopping_.load(std::memory_order_acquire);  // before looking: nothing of before is missed
      for (size_t i = 0; i < logs_.size(); ++i)
        for (history::Event event; logs_[i]->Next(&event);) events_[i].push_back(event);
      if (last) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const std::vector<chaos::ClientLog*> logs_;
  std::vector<std::deque<history::Event>> events_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_LEDGER_H_
