// How often a region is notified: whether a stream for that pays, and when it does no longer.
//
// To open a stream takes as long as two unary calls, and an open one costs the node memory and one of its streams; a session
// costs memory even on a stream that is there for watches. Sans-IO; WatchStream owns one and calls it under its lock.
#ifndef L3LINK_CLIENT_NOTIFY_PACE_H_
#define L3LINK_CLIENT_NOTIFY_PACE_H_

#include "absl/time/time.h"
#include "client/steady_time.h"

namespace l3link::client {

class NotifyPace {
 public:
  static constexpr int kRow = 4;                                    // so many notifies ask for a stream,
  static constexpr absl::Duration kSoon = absl::Milliseconds(100);  // each so soon after the one before
  static constexpr absl::Duration kIdle = absl::Seconds(10);        // without one: the stream goes
  static constexpr absl::Duration kRefusedPause = absl::Seconds(1);

  void OnNotify(MonoTime now) {
    in_a_row_ = last_ != kNever && After(last_, kSoon) >= now ? in_a_row_ + 1 : 1;
    last_ = now;
  }
  // Opening failed.
  void OnRefused(MonoTime now) { not_before_ = After(now, kRefusedPause); }

  bool WantsStream(MonoTime now) const { return in_a_row_ >= kRow && now >= not_before_; }
  MonoTime idle_at() const { return After(last_, kIdle); }

 private:
  MonoTime last_ = kNever;  // never: there was none
  int in_a_row_ = 0;
  MonoTime not_before_ = MonoTime::min();
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_NOTIFY_PACE_H_
