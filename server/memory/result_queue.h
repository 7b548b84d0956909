// What a stream has to say besides events, in order: attached, results of operations, and the answers that only count in
// their newest form (renewed, draining).
//
// Filled by the stream's queue thread, emptied by whoever may write. Its lock is a leaf. `full()` is where operations stop
// being done, so that a client that does not read costs a bounded amount of memory.
#ifndef L3LINK_SERVER_MEMORY_RESULT_QUEUE_H_
#define L3LINK_SERVER_MEMORY_RESULT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "l3link/v1/memory.pb.h"

namespace l3link {

class ResultQueue {
 public:
  static constexpr size_t kFrameOverhead = 128;  // bytes a queued frame is counted for, besides its payload

  // Full from `most_bytes` on; what is being done when it is reached still fits.
  explicit ResultQueue(size_t most_bytes) : most_bytes_(most_bytes) {}

  void Put(v1::MemoryServiceStreamResponse frame) ABSL_LOCKS_EXCLUDED(mu_);
  void PutRenewed(uint64_t token) ABSL_LOCKS_EXCLUDED(mu_);
  void PutDraining(absl::Duration deadline) ABSL_LOCKS_EXCLUDED(mu_);

  // The next frame, in `frame`'s place. False: there is none.
  bool Take(v1::MemoryServiceStreamResponse* frame) ABSL_LOCKS_EXCLUDED(mu_);
  // The small results that are next go with the event that is in `frame`.
  void TakeAlong(v1::MemoryServiceStreamResponse* frame) ABSL_LOCKS_EXCLUDED(mu_);

  // Attached has been taken: from here on events may go as well.
  bool attached_taken() const ABSL_LOCKS_EXCLUDED(mu_);
  bool full() const ABSL_LOCKS_EXCLUDED(mu_);
  bool empty() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const size_t most_bytes_;
  mutable absl::Mutex mu_;
  std::deque<v1::MemoryServiceStreamResponse> frames_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool attached_taken_ ABSL_GUARDED_BY(mu_) = false;
  absl::optional<uint64_t> renewed_ ABSL_GUARDED_BY(mu_);
  absl::optional<absl::Duration> draining_ ABSL_GUARDED_BY(mu_);
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_RESULT_QUEUE_H_
