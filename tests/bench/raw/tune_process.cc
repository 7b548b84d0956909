#include "tests/bench/raw/tune_process.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"

namespace l3link::bench {

void TuneProcess() {
  absl::SetMutexDeadlockDetectionMode(
      absl::OnDeadlockCycle::kIgnore);  // Debian's Abseil looks for cycles at every lock
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace l3link::bench
