// Looks for the chip's answer right after a frame for it came, where answers have come soon before: then the queue's thread,
// which is awake, sends it on, and nobody has to be woken. A quick chip has answered before the frame's work is done, so
// nobody is woken from before that on.
//
// One a stream, on its queue's thread. Where no answer is found the next frames are not waited behind: after n misses in a row
// 2^n - 1 of them, 63 at most.
#ifndef L3LINK_SERVER_ANSWER_WAIT_H_
#define L3LINK_SERVER_ANSWER_WAIT_H_

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

class AnswerWait {
 public:
  // Before a frame is given to the chip, under the worker's lock: whether to look this time. Then End must follow.
  bool Begin(ChipWorker& worker) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (skips_ > 0) {
      --skips_;
      return false;
    }
    worker.BeginLook();
    return true;
  }
  // No lock is held. The call that a stream belongs to may end meanwhile, the stream itself does not. `expected`: false where the
  // frame came to nothing.
  void End(ChipWorker& worker, bool expected) {
    const bool found = worker.EndLook(expected ? kLook : absl::ZeroDuration());
    if (!expected) return;
    misses_ = found ? 0 : std::min(misses_ + 1, 6);
    skips_ = (1 << misses_) - 1;
  }

 private:
  static constexpr absl::Duration kLook = absl::Microseconds(50);

  int misses_ = 0;
  int skips_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_ANSWER_WAIT_H_
