// Repeats a call on a region while its node is away (a broken connection, a restart), for as long as the caller waits.
//
// Only for calls that do no harm when they are done twice: reads, writes of data, notifies under one request id.
#ifndef L3LINK_CLIENT_WHILE_AWAY_H_
#define L3LINK_CLIENT_WHILE_AWAY_H_

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/poller.h"
#include "client/steady_time.h"

namespace l3link::client {

inline constexpr absl::Duration kLongestAway = absl::Seconds(30);

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// No node answered, or one that is about to stop: its successor may.
inline bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) && (ReasonOf(status).empty() || HasReason(status, v1::NODE_DRAINING));
}

// `call(left)` has `left` of the caller's timeout. What ends it: any answer but UNAVAILABLE, the timeout, or 30 s of silence. In
// a reaction it is tried once.
template <typename Call>
auto WhileAway(absl::Duration timeout, Call call) {
  const MonoTime deadline = After(MonoNow(), timeout);
  const MonoTime patience = After(MonoNow(), std::min(timeout, kLongestAway));
  absl::Duration pause = absl::Milliseconds(25);
  for (;;) {
    auto result = call(Between(MonoNow(), deadline));
    const bool away = IsAway(StatusOf(result)) && !Poller::IsReacting();
    if (!away || After(MonoNow(), pause) >= patience) return result;
    absl::SleepFor(pause);
    pause = std::min(pause * 2, absl::Milliseconds(500));
  }
}

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_WHILE_AWAY_H_
