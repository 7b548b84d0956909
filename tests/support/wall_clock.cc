#include "tests/support/wall_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/support/child_process.h"

namespace l3link {
namespace {

constexpr char kFile[] = "WALL_CLOCK_SHIFT";

// Forward and back by much and by little.
constexpr absl::Duration kShifts[] = {absl::Hours(2),        absl::Hours(-3),         absl::Hours(24 * 30),
                                      absl::Hours(-24 * 30), absl::Seconds(40),       absl::Seconds(-40),
                                      absl::ZeroDuration(),  absl::Milliseconds(700), absl::Hours(24)};

}  // namespace

void RunUnderWallClock(char** argv) {
  if (getenv(kFile) != nullptr) {
    atexit([] { unlink(getenv(kFile)); });
    return;
  }
  char path[] = "/dev/shm/l3link-clock-XXXXXX";
  const int fd = mkstemp(path);
  if (fd < 0 || ftruncate(fd, sizeof(int64_t)) != 0) abort();
  close(fd);
  setenv(kFile, path, 1);
  setenv("LD_PRELOAD", std::filesystem::absolute(RunfilePath("tests/support/wall_clock.so")).c_str(), 1);
  execv("/proc/self/exe", argv);
  perror("cannot start again");
  abort();
}

WallClock::WallClock() {
  const int fd = open(getenv(kFile), O_RDWR | O_CLOEXEC);
  void* memory = fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) abort();
  close(fd);
  static_assert(sizeof(std::atomic<int64_t>) == sizeof(int64_t) && std::atomic<int64_t>::is_always_lock_free);
  shift_ns_ = static_cast<std::atomic<int64_t>*>(memory);
}

WallClock::~WallClock() {
  Set(absl::ZeroDuration());
  munmap(shift_ns_, sizeof(int64_t));
}

JumpingClock::JumpingClock(WallClock* clock) : clock_(*clock), thread_([this] { Run(); }) {}

JumpingClock::~JumpingClock() {
  stop_.store(true);
  thread_.join();
}

void JumpingClock::Run() {
  while (!stop_.load()) {
    for (const absl::Duration shift : kShifts) {
      clock_.Set(shift);
      jumps_.fetch_add(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(7));
    }
  }
}

}  // namespace l3link
