// Ctrl-C and its like, turned into something a command can wait for. One of it, made by main before any other thread.
#ifndef L3LINK_CLIENT_CLI_INTERRUPT_H_
#define L3LINK_CLIENT_CLI_INTERRUPT_H_

#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace l3link::cli {

// Blocks SIGINT, SIGTERM and SIGHUP in the constructing thread (and so in every thread made later), ignores SIGPIPE, and
// waits for the signals on a thread of its own. The first one runs the reactions; a second one ends the process at once.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();  // stops and joins the thread
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const { return requested_.load(std::memory_order_relaxed); }
  // Becomes readable, for good, when requested.
  int fd() const { return event_fd_; }

  // Runs `react` on the signal thread when it comes (at once when it came already) for as long as this lives.
  class Reaction {
   public:
    Reaction(Interrupt& interrupt, std::function<void()> react);
    ~Reaction();
    Reaction(const Reaction&) = delete;
    Reaction& operator=(const Reaction&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  void WaitForSignals();

  // A flag that nothing else is published by: relaxed.
  std::atomic<bool> requested_{false};
  std::atomic<bool> stopping_{false};
  int event_fd_;
  absl::Mutex mutex_;
  std::map<const Reaction*, std::function<void()>> reactions_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Waits up to `timeout` until `fd` is readable (or at its end), or the interrupt comes, which goes first.
enum class Readiness { kNothing, kReadable, kInterrupted };
Readiness AwaitReadable(const Interrupt& interrupt, int fd, absl::Duration timeout);

// Sleeps for `duration` (true), or until the interrupt came (false).
bool SleepUnlessInterrupted(const Interrupt& interrupt, absl::Duration duration);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_INTERRUPT_H_
