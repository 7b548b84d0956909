// The monotonic clock, from when the stopwatch was made.
#ifndef L3LINK_TESTS_BENCH_STOPWATCH_H_
#define L3LINK_TESTS_BENCH_STOPWATCH_H_

#include <chrono>

namespace l3link::bench {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double microseconds() const { return seconds() * 1e6; }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_STOPWATCH_H_
