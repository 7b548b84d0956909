// Reads the clients' logs as they grow and hands every event to its lane's checker, on a thread of its own: nothing is kept.
#ifndef L3LINK_TESTS_CHAOS_LOG_FOLLOWER_H_
#define L3LINK_TESTS_CHAOS_LOG_FOLLOWER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "tests/chaos/client_log.h"
#include "tests/history/lane_checker.h"

namespace l3link::chaos {

class LogFollower {
 public:
  // `logs`, one a lane in order, outlive this.
  LogFollower(std::vector<ClientLog>* logs, uint64_t seed, uint64_t generation);
  ~LogFollower() { Stop(); }
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  // After everything that is in the logs by now; the checkers may then be used by the caller's thread.
  void Stop();
  history::LaneChecker& checker(size_t lane) { return checkers_[lane]; }
  history::Findings Finish(bool broken_off);
  uint64_t redelivered() const;

 private:
  void Run();
  bool Drain();

  std::vector<ClientLog>* const logs_;
  std::deque<history::LaneChecker> checkers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_LOG_FOLLOWER_H_
