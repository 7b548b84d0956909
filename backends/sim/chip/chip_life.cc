#include "backends/sim/chip/chip_life.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

namespace l3link {
namespace {

constexpr uint64_t kCheckEveryUs = 250'000;
constexpr uint32_t kRelaxesBetweenYields = 16;  // with few processors, to those it waits for
constexpr uint32_t kRelaxesBetweenChecks = 1 << 16;

volatile sig_atomic_t signalled = 0;

volatile sig_atomic_t kill_asked = 0;

extern "C" void OnSignal(int) { signalled = 1; }
extern "C" void OnKillAsked(int) { kill_asked = 1; }

// Shared between processes, so never the private kind of futex. Returns early on a signal.
void FutexSleep(const uint32_t* word, uint32_t expected, uint64_t timeout_us) {
  const timespec timeout = {static_cast<time_t>(timeout_us / 1'000'000),
                            static_cast<long>(timeout_us % 1'000'000) * 1000};
  syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

uint64_t MonotonicUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
}

void ChipLife::CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;  // without SA_RESTART: a sleep on the doorbell ends
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = OnKillAsked;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);  // whoever read our stderr may be gone
}

bool ChipLife::Signalled() { return signalled != 0; }
const volatile sig_atomic_t* ChipLife::KillAsked() { return &kill_asked; }

void ChipLife::Pause(absl::Duration time) {
  const timespec duration = absl::ToTimespec(time);
  nanosleep(&duration, nullptr);
}

ChipLife::ChipLife(const ArenaMap* arena, absl::Duration orphan_ttl)
    : arena_(arena),
      header_(reinterpret_cast<const l3_arena_header*>(arena->memory().data())),
      orphan_ttl_us_(static_cast<uint64_t>(absl::ToInt64Microseconds(orphan_ttl))),
      host_heard_us_(MonotonicUs()) {}

l3_platform ChipLife::Platform() {
  l3_platform platform = {};
  platform.context = this;
  platform.wake = [](void*, uint32_t* word) { syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); };
  platform.sleep = [](void* context, const uint32_t* word, uint32_t expected, uint64_t timeout_us) {
    if (!signalled) FutexSleep(word, expected, timeout_us);
    static_cast<ChipLife*>(context)->Check(MonotonicUs());
  };
  platform.relax = [](void* context) {
    Relax();
    auto* life = static_cast<ChipLife*>(context);
    if (++life->relaxes_ % kRelaxesBetweenYields == 0) sched_yield();
    if (life->relaxes_ % kRelaxesBetweenChecks == 0) life->Check(MonotonicUs());
  };
  platform.now_us = [](void*) { return MonotonicUs(); };
  platform.stop = &stop_;
  platform.shared_rmw = 1;
  platform.pid = static_cast<uint32_t>(getpid());
  return platform;
}

void ChipLife::Stop(End end) {
  if (end_ == End::kNone) end_ = end;
  __atomic_store_n(&stop_, 1, __ATOMIC_RELAXED);
}

ChipLife::End ChipLife::end() const { return signalled ? End::kSignal : end_; }

void ChipLife::Check(uint64_t now_us) {
  if (signalled) return Stop(End::kSignal);
  if (now_us - checked_us_ < kCheckEveryUs) return;
  checked_us_ = now_us;
  const uint64_t heartbeat = l3_load_relaxed_u64(&header_->host.heartbeat);
  if (heartbeat != host_heartbeat_) {
    host_heartbeat_ = heartbeat;
    host_heard_us_ = now_us;
  } else if (orphan_ttl_us_ != 0 && now_us - host_heard_us_ >= orphan_ttl_us_) {
    return Stop(End::kOrphan);
  }
  if (arena_->Replaced()) Stop(End::kReplaced);
}

}  // namespace l3link
