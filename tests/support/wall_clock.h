// A wall clock that a test sets back and forth.
//
// For the test's own process and all that it starts: its main calls RunUnderWallClock first; then one WallClock() at a time. For
// single children: WallClock(path), and its environment() for each of them.
#ifndef L3LINK_TESTS_SUPPORT_WALL_CLOCK_H_
#define L3LINK_TESTS_SUPPORT_WALL_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace l3link {

// Starts this program again, once, with the shifted clock preloaded. Aborts when that is impossible.
void RunUnderWallClock(char** argv);

class WallClock {
 public:
  WallClock();
  // In a new file.
  explicit WallClock(const std::string& path);
  ~WallClock();

  // For the children that it is the clock of.
  const std::vector<std::string>& environment() const { return environment_; }

  // Away from the machine's.
  void Set(absl::Duration shift) { shift_ns_->store(absl::ToInt64Nanoseconds(shift), std::memory_order_relaxed); }

 private:
  std::vector<std::string> environment_;
  std::atomic<int64_t>* shift_ns_;
};

// Sets it every few milliseconds to a moment within a month before or after the machine's, on a thread of its own.
class JumpingClock {
 public:
  explicit JumpingClock(WallClock* clock);
  ~JumpingClock();

  uint64_t jumps() const { return jumps_.load(); }

 private:
  void Run();

  WallClock& clock_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> jumps_{0};
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_WALL_CLOCK_H_
