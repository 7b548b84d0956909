// A mutex and its conditions, annotated for clang's lock analysis, with timed waits on the steady clock (this Abseil's own
// condition variables wait by the wall clock, which may jump).
#ifndef L3LINK_CLIENT_MONITOR_H_
#define L3LINK_CLIENT_MONITOR_H_

#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "client/steady_time.h"

namespace l3link::client {

class ABSL_LOCKABLE Mutex {
 public:
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A thread that waits for a condition by doing something else.
class BusyWaiter {
 public:
  // Has it look at its condition soon. Any thread; the condition's mutex is held.
  virtual void Nudge() = 0;

 protected:
  ~BusyWaiter() = default;
};

class Condition {
 public:
  // Wakes at `deadline` at the latest, or for no reason at all: wait in a loop.
  void WaitUntil(Mutex& mutex, MonoTime deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    ++waiting_;
    if (deadline == kNever) {
      condition_.wait(lock);
    } else {
      condition_.wait_until(lock, deadline);
    }
    --waiting_;
    lock.release();
  }

  // With the mutex held; costs nothing when nobody waits.
  void WakeAll() {
    if (waiting_ > 0) condition_.notify_all();
    if (busy_waiter_ != nullptr) busy_waiter_->Nudge();
  }

  // One at a time, with the mutex held; null: no more.
  void set_busy_waiter(BusyWaiter* waiter) { busy_waiter_ = waiter; }

 private:
  std::condition_variable condition_;
  int waiting_ = 0;  // this and the next guarded by the mutex that waits name
  BusyWaiter* busy_waiter_ = nullptr;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_MONITOR_H_
