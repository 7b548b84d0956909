// Polls the completion queue of all streams of this process, and runs what completed: on a thread of its own, or on the thread
// of a caller that waits for it.
//
// Shared by all Connections; the last of them stops it. Reactions run one after the other and never block. There is one
// queue for all Orchestrators, for gRPC's threads poll in turns: with a second one each event would wake that, too.
//
// Who polls *leads*. While one caller waits it leads, so that what it waits for wakes it and nobody else; the thread then only
// looks now and then whether callers have stopped coming. With several callers waiting, or none, the thread leads; and where the
// application has callbacks, which it may await elsewhere.
#ifndef L3LINK_CLIENT_POLLER_H_
#define L3LINK_CLIENT_POLLER_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "client/monitor.h"
#include "client/steady_time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"

namespace l3link::client {

class Poller final : private BusyWaiter {
 public:
  // Something started on the queue; comes back exactly once.
  class Tag {
   public:
    virtual void OnCompletion(bool ok) = 0;

   protected:
    ~Tag() = default;
  };

  // The one that runs, or a new one.
  static std::shared_ptr<Poller> Shared();

  Poller();
  // Everything started on the queue has come back by then. Not from a reaction.
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  grpc::CompletionQueue& queue() { return queue_; }
  // Whether the caller is in a reaction: then it must not wait for another one.
  static bool IsReacting();
  // Sets `alarm` for `at`, by the monotonic clock.
  void SetAlarm(grpc::Alarm& alarm, MonoTime at, Tag* tag);

  // `tag` comes back before a caller polls that came to wait, or a millisecond from now: an alarm that costs nothing. Once, also
  // when it is postponed anew meanwhile. False: another thread polls, which would not look in time. Never in a reaction.
  bool Postpone(Tag* tag);
  // Whether it was postponed: then it does not come back.
  bool Withdraw(Tag* tag);

  // There are callbacks of the application from now on (1), or fewer (-1): they are not to wait for a caller to come back.
  void CountCallbacks(int change);

  // Waits, at most until `deadline`, for a reaction that wakes `condition`; wakes for no reason, too: wait in a loop.
  void Wait(Condition& condition, Mutex& mutex, MonoTime deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

 private:
  void Run();
  // Until callers leave the queue alone.
  void GiveWay(std::unique_lock<std::mutex>& turn);
  bool TakeLead();
  // Ends a caller's turn: something completes.
  void Nudge() override;
  void LeadUntil(MonoTime deadline);
  // The thread's turn; false: the queue is shut down.
  bool LeadOnce();
  void React(void* tag, bool ok);
  // To those that are due by `until`, if any; and when the next one is.
  bool ReactToPostponed(MonoTime until, MonoTime* next);

  struct Postponed {
    Tag* tag;
    MonoTime until;
  };

  grpc::CompletionQueue queue_;
  std::mutex turn_;  // all below; a leaf
  std::condition_variable thread_turn_;
  std::deque<Postponed> postponed_;  // by time
  bool led_ = false;                 // somebody polls
  bool thread_leads_ = true;         // callers leave it to the thread
  bool thread_waits_ = false;        // for the end of a caller's long turn
  bool stopping_ = false;
  uint64_t caller_turns_ = 0;
  int waiting_ = 0;  // callers
  int callbacks_ = 0;
  std::thread thread_;
};

// Makes a member function of `Owner` a tag: MemberTag<Call, &Call::OnRead> read_tag_{this}.
template <typename Owner, void (Owner::*Reaction)(bool ok)>
class MemberTag final : public Poller::Tag {
 public:
  explicit MemberTag(Owner* owner) : owner_(owner) {}
  void OnCompletion(bool ok) override { (owner_->*Reaction)(ok); }

 private:
  Owner* const owner_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_POLLER_H_
