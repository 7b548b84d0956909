#include "tests/support/wall_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/child_process.h"

namespace l3link {
namespace {

constexpr char kFile[] = "WALL_CLOCK_SHIFT";

// Forward and back by much and by little.
constexpr absl::Duration kShifts[] = {absl::Hours(2),        absl::Hours(-3),         absl::Hours(24 * 30),
                                      absl::Hours(-24 * 30), absl::Seconds(40),       absl::Seconds(-40),
                                      absl::ZeroDuration(),  absl::Milliseconds(700), absl::Hours(24)};

std::string Preloaded() { return std::filesystem::absolute(RunfilePath("tests/support/wall_clock.so")); }

// The offset that `fd`'s file begins with; closes it.
std::atomic<int64_t>* Map(int fd) {
  void* memory = fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) abort();
  close(fd);
  static_assert(sizeof(std::atomic<int64_t>) == sizeof(int64_t) && std::atomic<int64_t>::is_always_lock_free);
  return static_cast<std::atomic<int64_t>*>(memory);
}

int Create(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, sizeof(int64_t)) != 0) abort();
  return fd;
}

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
  setenv("LD_PRELOAD", Preloaded().c_str(), 1);
  execv("/proc/self/exe", argv);
  perror("cannot start again");
  abort();
}

WallClock::WallClock() : shift_ns_(Map(open(getenv(kFile), O_RDWR | O_CLOEXEC))) {}

WallClock::WallClock(const std::string& path)
    : environment_({absl::StrCat(kFile, "=", path), "LD_PRELOAD=" + Preloaded()}), shift_ns_(Map(Create(path))) {}

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
