// The watches and waits of one region: which are armed, which must be armed again, whose time is over.
//
// Sans-IO: no gRPC, no threads, no clock. WatchStream owns one and calls it under its lock; callbacks are handed back to it,
// to be run without the lock.
#ifndef L3LINK_CLIENT_WATCH_TABLE_H_
#define L3LINK_CLIENT_WATCH_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/signal_condition.h"
#include "client/steady_time.h"
#include "l3link/v1/memory.pb.h"

namespace l3link::client {

// A callback that is due, and with what.
struct DueCallback {
  uint64_t watch_id;
  std::shared_ptr<const WatchCallback> callback;
  absl::StatusOr<WaitResult> result;
};

v1::Condition ToProto(const SignalCondition& condition);

class WatchTable {
 public:
  // `node` is for messages.
  explicit WatchTable(std::string node) : node_(std::move(node)) {}

  // `deadline` is for `once`: then the callback hears satisfied = false.
  uint64_t Add(absl::Span<const SignalCondition> conditions, Combine combine, bool once, MonoTime deadline,
               WatchCallback callback);
  void Remove(uint64_t watch_id);

  // A stream is attached: every watch is to be armed on it. Without one, nothing is sent.
  void OnAttached();
  void OnBroken();
  // The next frame for the stream, or none. A wait's timeout counts from `now`.
  std::optional<v1::MemoryServiceStreamRequest> NextFrame(MonoTime now);
  std::optional<DueCallback> OnEvent(const v1::WatchEvent& event);

  // When to call OnTime next. Unless broken, the node ends waits and this table is only their guard, a little later.
  MonoTime NextDeadline() const;
  std::optional<DueCallback> TakeExpired(MonoTime now);
  // One after the other, until there is none left.
  std::optional<DueCallback> TakeAny(const absl::Status& status);

  size_t size() const { return watches_.size(); }

 private:
  struct Watch {
    v1::Watch frame;
    MonoTime deadline = kNever;
    std::shared_ptr<const WatchCallback> callback;
    std::vector<uint64_t> last_values;
    bool fired = false;
  };

  DueCallback Take(uint64_t watch_id, absl::StatusOr<WaitResult> result);
  absl::Duration Guard() const;

  const std::string node_;
  absl::flat_hash_map<uint64_t, Watch> watches_;
  std::set<std::pair<MonoTime, uint64_t>> deadlines_;
  std::deque<uint64_t> to_arm_;
  std::deque<uint64_t> to_unwatch_;
  uint64_t last_id_ = 0;
  bool attached_ = false;
  bool broken_ = false;  // was attached or tried, and is not
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_WATCH_TABLE_H_
