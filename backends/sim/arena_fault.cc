#include "backends/sim/arena_fault.h"

#include <signal.h>
#include <sys/mman.h>

#include <cerrno>
#include <mutex>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

// Read by the handler without any lock: base last when a slot is taken, first when it is left.
struct Watched {
  std::atomic<std::byte*> base{nullptr};
  std::atomic<size_t> bytes{0};
  std::atomic<bool> fault{false};
};

constexpr int kMostWatched = 256;
Watched watched[kMostWatched];
struct sigaction previous_action;

bool ReplacePages(void* address) {
  for (Watched& one : watched) {
    std::byte* base = one.base.load(std::memory_order_acquire);
    if (base == nullptr || address < base || address >= base + one.bytes.load(std::memory_order_relaxed)) continue;
    void* mapped = mmap(base, one.bytes.load(std::memory_order_relaxed), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    one.fault.store(true, std::memory_order_release);  // pairs with the acquire of whoever looks at the flag
    return mapped != MAP_FAILED;
  }
  return false;
}

// Async-signal-safe: atomics, mmap and sigaction only.
void OnBusError(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (!ReplacePages(info->si_addr)) {
    if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
      previous_action.sa_sigaction(signal, info, context);
    } else {
      sigaction(SIGBUS, &previous_action, nullptr);  // the instruction runs again, and the default takes its course
    }
  }
  errno = saved_errno;
}

void InstallHandler() {
  struct sigaction action = {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous_action);
}

std::mutex slots_mutex;

}  // namespace

absl::StatusOr<std::unique_ptr<ArenaFaultWatch>> ArenaFaultWatch::Start(absl::Span<std::byte> mapping) {
  static std::once_flag installed;
  std::call_once(installed, InstallHandler);
  std::lock_guard<std::mutex> lock(slots_mutex);
  for (int slot = 0; slot < kMostWatched; ++slot) {
    Watched& one = watched[slot];
    if (one.base.load(std::memory_order_relaxed) != nullptr) continue;
    one.fault.store(false, std::memory_order_relaxed);
    one.bytes.store(mapping.size(), std::memory_order_relaxed);
    one.base.store(mapping.data(), std::memory_order_release);  // pairs with the acquire in ReplacePages
    return std::unique_ptr<ArenaFaultWatch>(new ArenaFaultWatch(slot, &one.fault));
  }
  return absl::ResourceExhaustedError(absl::StrCat("more than ", kMostWatched, " arenas in one process"));
}

ArenaFaultWatch::~ArenaFaultWatch() {
  std::lock_guard<std::mutex> lock(slots_mutex);
  watched[slot_].base.store(nullptr, std::memory_order_release);
}

}  // namespace l3link
