#include "tests/chaos/log_follower.h"

#include <chrono>

namespace l3link::chaos {
namespace {

// A log's share of a turn.
constexpr int kTurnEvents = 4096;

}  // namespace

LogFollower::LogFollower(std::vector<ClientLog>* logs, uint64_t seed, uint64_t generation) : logs_(logs) {
  for (uint32_t lane = 0; lane < logs->size(); ++lane) checkers_.emplace_back(seed, lane, generation);
  thread_ = std::thread([this] { Run(); });
}

void LogFollower::Stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  thread_.join();
}

void LogFollower::Run() {
  for (;;) {
    const bool last = stopping_.load(std::memory_order_acquire);  // before looking: nothing of before is missed
    if (Drain()) continue;
    if (last) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool LogFollower::Drain() {
  bool any = false;
  for (size_t lane = 0; lane < logs_->size(); ++lane) {
    history::Event event;
    for (int i = 0; i < kTurnEvents && (*logs_)[lane].Next(&event); ++i) {
      checkers_[lane].Observe(event);
      any = true;
    }
  }
  return any;
}

history::Findings LogFollower::Finish(bool broken_off) {
  history::Findings all;
  for (history::LaneChecker& checker : checkers_) all.Add(checker.Finish(broken_off));
  return all;
}

uint64_t LogFollower::redelivered() const {
  uint64_t sum = 0;
  for (const history::LaneChecker& checker : checkers_) sum += checker.redelivered();
  return sum;
}

}  // namespace l3link::chaos
