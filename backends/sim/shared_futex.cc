#include "backends/sim/shared_futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace l3link {

void WakeShared(uint32_t* word) { syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

void AwaitShared(const uint32_t* word, uint32_t expected, absl::Duration at_most) {
  if (at_most <= absl::ZeroDuration()) return;
  const timespec timeout = absl::ToTimespec(at_most);
  if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0) == 0) return;
  if (errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT) return;
  // The word's memory is gone (a truncated file): sleep all the same, or the caller would spin.
  const timespec pause = absl::ToTimespec(std::min(at_most, absl::Milliseconds(10)));
  nanosleep(&pause, nullptr);
}

}  // namespace l3link
