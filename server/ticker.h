// The node's one timer thread: deadlines of leases, waits, attaches and drains.
//
// Actions run one after another on the ticker's thread, without its lock, so they may take a ChipLock and may Add and
// Cancel. They must not block: hand longer work on. Cost of Add and Cancel: a short lock and a tree node.
#ifndef L3LINK_SERVER_TICKER_H_
#define L3LINK_SERVER_TICKER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "backends/host/mono_time.h"

namespace l3link {

class Ticker {
 public:
  using Action = absl::AnyInvocable<void(MonoTime now)>;

  Ticker();
  // Stops; what has not run never will.
  ~Ticker();

  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // Runs `action` once, soon after `when`. The id is never 0. kNever is legal: it never runs.
  uint64_t Add(MonoTime when, Action action);

  // True: the action will not run, and is destroyed. False: it ran, is running now on the ticker's thread, or was never
  // there; so an action must keep alive, or look up, what it touches. Never waits.
  bool Cancel(uint64_t id);

  // How long the whole process (or machine) has stood still so far: the sum of the ticker's late wake-ups beyond a second.
  // Nobody could be heard meanwhile, so who expires others adds the growth of this to their deadlines. Any thread.
  absl::Duration paused() const { return absl::Nanoseconds(paused_ns_.load(std::memory_order_acquire)); }

  // Joins the thread; nothing runs afterwards. Idempotent.
  void Stop();

 private:
  using Key = std::pair<MonoTime, uint64_t>;

  void Run();
  void NotePause(MonoTime expected, MonoTime now);

  std::mutex mu_;  // std: its condition variable can wait on the steady clock
  std::condition_variable wake_;
  std::map<Key, Action> actions_;
  std::unordered_map<uint64_t, MonoTime> when_;
  uint64_t next_id_ = 1;
  MonoTime sleeps_until_{};
  bool stop_ = false;
  std::atomic<int64_t> paused_ns_{0};  // release by the ticker, acquire by readers
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_TICKER_H_
