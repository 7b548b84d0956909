#include "server/ticker.h"

#include <pthread.h>

#include <algorithm>

namespace l3link {
namespace {

// The longest sleep: what bounds how exactly a pause is measured.
constexpr absl::Duration kHeartbeat = absl::Milliseconds(500);
// A wake-up later than this was a pause of the process, not a busy machine.
constexpr absl::Duration kPause = absl::Seconds(1);

}  // namespace

Ticker::Ticker() {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "l3-ticker");
}

Ticker::~Ticker() { Stop(); }

uint64_t Ticker::Add(MonoTime when, Action action) {
  std::lock_guard<std::mutex> lock(mu_);
  const uint64_t id = next_id_++;
  actions_.emplace(Key(when, id), std::move(action));
  when_.emplace(id, when);
  if (when < sleeps_until_) wake_.notify_one();
  return id;
}

bool Ticker::Cancel(uint64_t id) {
  Action doomed;  // destroyed after the lock: it may own what takes other locks
  std::lock_guard<std::mutex> lock(mu_);
  auto found = when_.find(id);
  if (found == when_.end()) return false;
  auto node = actions_.extract(Key(found->second, id));
  doomed = std::move(node.mapped());
  when_.erase(found);
  return true;
}

void Ticker::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stop_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Ticker::Run() {
  std::unique_lock<std::mutex> lock(mu_);
  while (!stop_) {
    const MonoTime now = MonoNow();
    if (!actions_.empty() && actions_.begin()->first.first <= now) {
      auto node = actions_.extract(actions_.begin());
      when_.erase(node.key().second);
      lock.unlock();
      node.mapped()(now);
      node.mapped() = nullptr;
      lock.lock();
      continue;
    }
    sleeps_until_ = After(now, kHeartbeat);
    if (!actions_.empty()) sleeps_until_ = std::min(sleeps_until_, actions_.begin()->first.first);
    wake_.wait_until(lock, sleeps_until_);
    NotePause(sleeps_until_, MonoNow());
    sleeps_until_ = MonoTime{};
  }
}

void Ticker::NotePause(MonoTime expected, MonoTime now) {
  const absl::Duration late = Between(expected, now);
  if (late < kPause) return;
  paused_ns_.fetch_add(absl::ToInt64Nanoseconds(late), std::memory_order_release);
}

}  // namespace l3link
