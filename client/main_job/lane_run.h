// One lane pair at work: a thread that sends its series, a thread that verifies the replies.
#ifndef L3LINK_CLIENT_MAIN_JOB_LANE_RUN_H_
#define L3LINK_CLIENT_MAIN_JOB_LANE_RUN_H_

#include <atomic>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/lane_stream.h"
#include "client/main_job/lane_series.h"
#include "client/main_job/reply_checker.h"

namespace l3link::main_job {

// Holds its stream for its life. Start, poll verified() and sent(), Join, then read counts() and status(), on one thread.
class LaneRun {
 public:
  // `stop` ends it early. `patience`: how long nothing may move before it gives up.
  LaneRun(std::unique_ptr<client::LaneStream> stream, const LaneSeries& series, absl::Duration patience,
          const std::atomic<bool>& stop);
  ~LaneRun();

  void Start();
  void Join();

  uint64_t verified() const { return verified_.load(std::memory_order_relaxed); }
  uint64_t payload_bytes() const { return payload_bytes_; }
  const ReplyCounts& counts() const { return checker_.counts(); }
  // Why sending or receiving ended early; OK when neither did, or when it was stopped.
  const absl::Status& status() const { return sending_.ok() ? receiving_ : sending_; }

 private:
  absl::Status SendAll();
  absl::Status ReceiveAll();

  const std::unique_ptr<client::LaneStream> stream_;
  const LaneSeries series_;
  const absl::Duration patience_;
  const std::atomic<bool>& stop_;
  std::atomic<bool> failed_{false};    // one thread has ended early: the other need not go on
  std::atomic<uint64_t> verified_{0};  // for progress only: relaxed
  uint64_t payload_bytes_ = 0;         // of the sender until joined
  ReplyChecker checker_;               // of the receiver until joined
  absl::Status sending_;
  absl::Status receiving_;
  std::thread sender_;
  std::thread receiver_;
};

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_LANE_RUN_H_
