#include "client/poller.h"

#include <pthread.h>

#include <algorithm>

#include "absl/time/time.h"
#include "grpc/support/time.h"

namespace l3link::client {
namespace {

// A caller that comes back within this leads on. What completes in between waits as long, at most.
constexpr std::chrono::milliseconds kGrace(1);

thread_local bool reacting = false;

gpr_timespec ToGpr(MonoTime at) {
  if (at == kNever) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const absl::Duration left = std::max(absl::ZeroDuration(), Between(MonoNow(), at));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(absl::ToInt64Nanoseconds(left), GPR_TIMESPAN));
}

// Completes at once. Deletes itself.
class Nothing final : public Poller::Tag {
 public:
  explicit Nothing(grpc::CompletionQueue* queue) {
    alarm_.Set(queue, gpr_now(GPR_CLOCK_MONOTONIC), static_cast<Poller::Tag*>(this));
  }
  void OnCompletion(bool) override { delete this; }

 private:
  grpc::Alarm alarm_;
};

}  // namespace

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
  {
    const std::lock_guard<std::mutex> lock(turn_);
    stopping_ = true;
    thread_turn_.notify_one();
  }
  queue_.Shutdown();
  thread_.join();
}

bool Poller::IsReacting() { return reacting; }

void Poller::SetAlarm(grpc::Alarm& alarm, MonoTime at, Tag* tag) { alarm.Set(&queue_, ToGpr(at), tag); }

void Poller::React(void* tag, bool ok) {
  reacting = true;
  static_cast<Tag*>(tag)->OnCompletion(ok);
  reacting = false;
}

bool Poller::Postpone(Tag* tag) {
  const MonoTime until = MonoNow() + kGrace;
  const std::lock_guard<std::mutex> lock(turn_);
  if (led_ && !reacting) return false;
  std::erase_if(postponed_, [tag](const Postponed& postponed) { return postponed.tag == tag; });
  postponed_.push_back({tag, until});
  return true;
}

bool Poller::Withdraw(Tag* tag) {
  const std::lock_guard<std::mutex> lock(turn_);
  return std::erase_if(postponed_, [tag](const Postponed& postponed) { return postponed.tag == tag; }) > 0;
}

bool Poller::ReactToPostponed(MonoTime until, MonoTime* next) {
  bool reacted = false;
  std::unique_lock<std::mutex> turn(turn_);
  for (; !postponed_.empty() && postponed_.front().until <= until; reacted = true) {
    Tag* const tag = postponed_.front().tag;
    postponed_.pop_front();
    turn.unlock();
    React(tag, /*ok=*/true);
    turn.lock();
  }
  *next = postponed_.empty() ? kNever : postponed_.front().until;
  return reacted;
}

void Poller::Run() {
  std::unique_lock<std::mutex> turn(turn_);
  for (;;) {
    if (led_ || !thread_leads_) GiveWay(turn);
    led_ = true;
    turn.unlock();
    if (!LeadOnce()) return;
    turn.lock();
    led_ = false;
    thread_leads_ = waiting_ != 1 || callbacks_ > 0;
  }
}

bool Poller::LeadOnce() {
  for (;;) {
    MonoTime due;
    ReactToPostponed(MonoNow(), &due);
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_.AsyncNext(&tag, &ok, ToGpr(due));
    if (next == grpc::CompletionQueue::TIMEOUT) continue;
    if (next == grpc::CompletionQueue::SHUTDOWN) return false;
    React(tag, ok);
    return true;
  }
}

void Poller::GiveWay(std::unique_lock<std::mutex>& turn) {
  for (;;) {
    const uint64_t seen = caller_turns_;
    if (!stopping_ && !(thread_leads_ && !led_)) thread_turn_.wait_for(turn, kGrace);
    if (!led_ && (stopping_ || thread_leads_ || caller_turns_ == seen)) break;
    if (led_ && caller_turns_ == seen) {
      thread_waits_ = true;
      thread_turn_.wait(turn, [this] { return !led_; });
      thread_waits_ = false;
    }
  }
  thread_leads_ = true;
}

void Poller::CountCallbacks(int change) {
  const std::lock_guard<std::mutex> lock(turn_);
  callbacks_ += change;
  if (callbacks_ == 0 || thread_leads_) return;
  thread_leads_ = true;
  thread_turn_.notify_one();
}

bool Poller::TakeLead() {
  if (led_ || thread_leads_ || stopping_) return false;
  ++caller_turns_;
  return led_ = true;
}

void Poller::Wait(Condition& condition, Mutex& mutex, MonoTime deadline) {
  std::unique_lock<std::mutex> turn(turn_);
  ++waiting_;
  const bool leads = TakeLead();
  turn.unlock();
  if (leads) {
    condition.set_busy_waiter(this);
    mutex.Unlock();
    LeadUntil(deadline);
    mutex.Lock();
    condition.set_busy_waiter(nullptr);
  } else {
    condition.WaitUntil(mutex, deadline);
  }
  turn.lock();
  --waiting_;
}

// Reactions need none: they end the turn themselves.
void Poller::Nudge() {
  if (!reacting) new Nothing(&queue_);
}

void Poller::LeadUntil(MonoTime deadline) {
  void* tag = nullptr;
  bool ok = false;
  MonoTime due;
  // What was postponed may be what the caller waits for; then this turn is over.
  if (!ReactToPostponed(MonoNow() + kGrace, &due) &&
      queue_.AsyncNext(&tag, &ok, ToGpr(deadline)) == grpc::CompletionQueue::GOT_EVENT) {
    React(tag, ok);
  }
  const std::lock_guard<std::mutex> lock(turn_);
  led_ = false;
  if (waiting_ > 1) thread_leads_ = true;  // the others are not to wait for this one to come back
  if (waiting_ > 1 || thread_waits_) thread_turn_.notify_one();
}

}  // namespace l3link::client
