// The faults a user may ask a simulated chip for: slow, stalled, dead. Counts messages and jobs over all objects.
//
// One for the process, shared by all servants, on the chip's one thread.
#ifndef L3LINK_BACKENDS_SIM_CHIP_FAULTS_H_
#define L3LINK_BACKENDS_SIM_CHIP_FAULTS_H_

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace l3link {

// The exit status of a chip that was told to crash.
inline constexpr int kCrashStatus = 86;

class Faults {
 public:
  struct Config {
    uint64_t delay_us = 0;     // each message or job takes so long, on its own lane
    uint64_t stall_after = 0;  // takes nothing more after so many; 0: never. The heartbeat goes on
    uint64_t crash_after = 0;  // dies after answering so many, before giving their room back; 0: never
  };

  Faults() = default;
  // Once *kill_asked, which a signal handler sets and which outlives this: as crash_after, but by SIGKILL.
  explicit Faults(const Config& config, const volatile sig_atomic_t* kill_asked = nullptr)
      : config_(config), kill_asked_(kill_asked) {}

  uint64_t delay_us() const { return config_.delay_us; }

  // How many of `wanted` messages may be taken now.
  uint32_t Allowance(uint32_t wanted) const {
    uint64_t allowed = config_.delay_us ? std::min(wanted, 1u) : wanted;
    if (config_.stall_after) allowed = std::min(allowed, config_.stall_after - std::min(done_, config_.stall_after));
    if (config_.crash_after) allowed = std::min(allowed, config_.crash_after - std::min(done_, config_.crash_after));
    return static_cast<uint32_t>(allowed);
  }

  // After `count` more were answered, before their room is given back.
  void Did(uint32_t count) {
    done_ += count;
    if (kill_asked_ != nullptr && *kill_asked_) kill(getpid(), SIGKILL);
    if (config_.crash_after && done_ >= config_.crash_after) _exit(kCrashStatus);
  }

  uint64_t done() const { return done_; }

 private:
  Config config_;
  const volatile sig_atomic_t* kill_asked_ = nullptr;
  uint64_t done_ = 0;
};

// One lane's delay: each of its messages becomes due `delay_us` after it came to the front.
class Delay {
 public:
  // Whether the message at the front may be worked on; starts its time at the first call.
  bool Over(uint64_t now_us, const Faults& faults) {
    if (faults.delay_us() == 0) return true;
    if (due_us_ == 0) due_us_ = now_us + faults.delay_us();
    return now_us >= due_us_;
  }
  void Done() { due_us_ = 0; }
  uint64_t due_us() const { return due_us_; }  // 0: not running

 private:
  uint64_t due_us_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_FAULTS_H_
