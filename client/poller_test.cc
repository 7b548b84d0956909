// Who polls: the poller's thread, or a caller that waits.
#include "client/poller.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

class PollerTest : public testing::Test {
 protected:
  // Completes after `delay`, and tells where it was run.
  class Event final : public Poller::Tag {
   public:
    Event(Poller* poller, absl::Duration delay) : poller_(*poller) {
      poller->SetAlarm(alarm_, After(MonoNow(), delay), this);
    }
    ~Event() {
      alarm_.Cancel();
      MutexLock lock(mutex_);
      while (!completed_) poller_.Wait(came_, mutex_, kNever);
    }
    void OnCompletion(bool) override {
      EXPECT_TRUE(Poller::IsReacting());
      MutexLock lock(mutex_);
      thread_ = std::this_thread::get_id();
      completed_ = woken_ = true;
      came_.WakeAll();
    }
    // The thread it was run on; none: not within `patience`.
    std::thread::id Await(absl::Duration patience = absl::Seconds(20)) {
      const MonoTime deadline = After(MonoNow(), patience);
      MutexLock lock(mutex_);
      while (!woken_ && MonoNow() < deadline) poller_.Wait(came_, mutex_, deadline);
      return thread_;
    }
    bool completed() {
      MutexLock lock(mutex_);
      return completed_;
    }
    void WakeFromElsewhere() {
      MutexLock lock(mutex_);
      woken_ = true;
      came_.WakeAll();
    }

   private:
    Poller& poller_;
    grpc::Alarm alarm_;
    Mutex mutex_;
    Condition came_;
    bool completed_ = false;
    bool woken_ = false;
    std::thread::id thread_;
  };

  class Late;
  class WakesWhenLate;

  std::thread::id AwaitOne() { return Event(&poller_, absl::Milliseconds(2)).Await(); }

  // Until callers lead: the first event is the thread's.
  bool CallersLead() {
    for (int i = 0; i < 1000; ++i) {
      if (AwaitOne() == std::this_thread::get_id()) return true;
    }
    return false;
  }

  Poller poller_;
};

TEST_F(PollerTest, ACallerThatWaitsAloneComesToLead) {
  EXPECT_NE(AwaitOne(), std::thread::id());
  EXPECT_TRUE(CallersLead());
  EXPECT_FALSE(Poller::IsReacting());
}

TEST_F(PollerTest, TheThreadLeadsAgainWhenCallersStayAway) {
  ASSERT_TRUE(CallersLead());
  Event event(&poller_, absl::Milliseconds(5));
  while (!event.completed()) std::this_thread::yield();
  EXPECT_NE(event.Await(), std::this_thread::get_id());
}

TEST_F(PollerTest, TheThreadLeadsWhereTheApplicationHasCallbacks) {
  ASSERT_TRUE(CallersLead());
  poller_.CountCallbacks(1);
  for (int i = 0; i < 50; ++i) EXPECT_NE(AwaitOne(), std::this_thread::get_id());
  poller_.CountCallbacks(-1);
  EXPECT_TRUE(CallersLead());
}

TEST_F(PollerTest, ALeaderSeesItsDeadlineAndWhatOthersWakeItFor) {
  ASSERT_TRUE(CallersLead());
  Event late(&poller_, absl::Seconds(30));
  EXPECT_EQ(late.Await(absl::Milliseconds(3)), std::thread::id());
  Event woken(&poller_, absl::Seconds(30));
  std::thread other([&woken] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    woken.WakeFromElsewhere();
  });
  const MonoTime began = MonoNow();
  EXPECT_EQ(woken.Await(), std::thread::id());
  EXPECT_LT(Between(began, MonoNow()), absl::Seconds(15)) << "it slept through";
  other.join();
}

// Postpones itself when it completes, as often as it is told to.
class PollerTest::Late final : public Poller::Tag {
 public:
  explicit Late(Poller* poller, int times = 1) : poller_(*poller), times_(times) {
    poller->SetAlarm(alarm_, MonoNow(), this);
  }
  void OnCompletion(bool) override {
    if (times_ > 0) {
      for (; times_ > 0; --times_) poller_.Postpone(this);
      return;
    }
    thread_ = std::this_thread::get_id();
    ++came_;
  }
  int came() const { return came_; }
  // The thread it came back on.
  std::thread::id Await() const {
    const MonoTime deadline = After(MonoNow(), absl::Seconds(20));
    while (came_ == 0 && MonoNow() < deadline) std::this_thread::yield();
    return came_ > 0 ? thread_ : std::thread::id();
  }

 private:
  Poller& poller_;
  grpc::Alarm alarm_;
  int times_;
  std::thread::id thread_;
  std::atomic<int> came_{0};
};

class PollerTest::WakesWhenLate final : public Poller::Tag {
 public:
  explicit WakesWhenLate(Event* event) : event_(*event) {}
  void OnCompletion(bool) override {
    by_ = std::this_thread::get_id();
    event_.WakeFromElsewhere();
  }
  std::thread::id by() const { return by_; }

 private:
  Event& event_;
  std::thread::id by_;
};

TEST_F(PollerTest, WhatIsPostponedComesThoughNobodyPolls) {
  Late late(&poller_);
  EXPECT_NE(late.Await(), std::thread::id());
  EXPECT_NE(late.Await(), std::this_thread::get_id());
}

TEST_F(PollerTest, WhatIsPostponedComesBeforeACallerPolls) {
  bool by_caller = false;
  for (int i = 0; i < 1000 && !by_caller; ++i) {  // the thread may be quicker when this one is kept from running
    ASSERT_TRUE(CallersLead());
    Late late(&poller_);
    Event soon(&poller_, absl::Milliseconds(1));
    soon.Await();
    Event later(&poller_, absl::Milliseconds(1));
    later.Await();
    by_caller = late.Await() == std::this_thread::get_id();
  }
  EXPECT_TRUE(by_caller);
}

TEST_F(PollerTest, WhatIsPostponedTwiceComesOnce) {
  Late late(&poller_, 2);
  EXPECT_NE(late.Await(), std::thread::id());
  for (int i = 0; i < 5; ++i) AwaitOne();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(late.came(), 1);
}

TEST_F(PollerTest, WhatIsWithdrawnDoesNotCome) {
  Late late(&poller_, 0);  // postponed by this thread, where nobody polls
  EXPECT_NE(late.Await(), std::thread::id());
  bool withdrawn = false;
  for (int i = 0; i < 1000 && !withdrawn; ++i) {
    ASSERT_TRUE(CallersLead());
    const int came = late.came();
    if (!poller_.Postpone(&late)) continue;
    withdrawn = poller_.Withdraw(&late);
    if (!withdrawn) continue;
    AwaitOne();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(late.came(), came);
  }
  EXPECT_TRUE(withdrawn);
  EXPECT_FALSE(poller_.Withdraw(&late));
}

// A caller that would poll on could sleep for ever: what it waits for has come.
TEST_F(PollerTest, ACallersTurnEndsWithWhatWasPostponed) {
  bool seen = false;
  for (int i = 0; i < 1000 && !seen; ++i) {
    ASSERT_TRUE(CallersLead());
    Event never(&poller_, absl::Seconds(60));
    WakesWhenLate late(&never);
    if (!poller_.Postpone(&late)) continue;
    const MonoTime began = MonoNow();
    EXPECT_EQ(never.Await(absl::Seconds(30)), std::thread::id());
    EXPECT_LT(Between(began, MonoNow()), absl::Seconds(15)) << "it slept through";
    seen = late.by() == std::this_thread::get_id();
  }
  EXPECT_TRUE(seen);
}

TEST_F(PollerTest, LosesNothingWithManyCallers) {
  std::atomic<int> done{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        Event event(&poller_, absl::Microseconds(100 * (j % 7)));
        if (event.Await() != std::thread::id()) ++done;
        if (j % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 4 * 500);
}

}  // namespace
}  // namespace l3link::client
