// A region of memory shared with a chip program, and its signals.
//
// Made by Orchestrator::OpenRegion and FindRegion. Data goes by streaming RPCs of its own, so bulk never delays a signal;
// all waits and watches of a Region share one MemoryService.Stream, opened when first needed and re-armed after a broken
// connection. Notifies use it where it is there, and have it opened where they come one after the other. Any thread; a wait
// blocks no other call. Callbacks run on the library's thread, or on that of a caller who waits in it: they must not block,
// nor take a lock that such a caller holds.
#ifndef L3LINK_CLIENT_REGION_H_
#define L3LINK_CLIENT_REGION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/signal_condition.h"
#include "l3link/v1/memory.pb.h"

namespace l3link::client {

class Connection;
class WatchStream;

// Ends its watch when destroyed: once the destructor returns the callback is not running and never runs again (the callback
// itself may destroy it too). A Region ends all its watches when it is destroyed; a handle left over then does nothing.
class WatchHandle {
 public:
  WatchHandle() = default;
  WatchHandle(std::shared_ptr<WatchStream> stream, uint64_t watch_id);
  ~WatchHandle();
  WatchHandle(WatchHandle&& other) noexcept;
  WatchHandle& operator=(WatchHandle&& other) noexcept;

  void Cancel();

 private:
  std::shared_ptr<WatchStream> stream_;
  uint64_t watch_id_ = 0;
};

class Region {
 public:
  Region(std::shared_ptr<Connection> connection, v1::Region info, bool created);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  const v1::RegionId& id() const { return info_.id(); }
  const std::string& name() const { return info_.id().name(); }
  const v1::RegionConfig& config() const { return info_.config(); }
  uint64_t data_bytes() const { return info_.config().data_bytes(); }
  const v1::Region& info() const { return info_; }
  bool created() const { return created_; }
  Connection& connection() const { return *connection_; }

  absl::StatusOr<v1::Region> Refresh() const;

  // A negative timeout is refused (INVALID_ARGUMENT_FIELD).
  //
  // Read, Write, WriteThenNotify and Notify go on over a broken connection and a restarted node, within their timeout and for
  // at most 30 s without a node; a notify is done once all the same.

  // Fills all of `out` from `offset`. Not a snapshot: the chip may write meanwhile.
  // Errors: OUT_OF_RANGE (RANGE_OUT_OF_REGION), DATA_LOSS (REGION_POISONED), FAILED_PRECONDITION (STALE_ID), ...
  absl::Status Read(uint64_t offset, absl::Span<char> out, absl::Duration timeout = absl::InfiniteDuration()) const;
  // Writes all of `data` at `offset`.
  absl::Status Write(uint64_t offset, std::string_view data, absl::Duration timeout = absl::InfiniteDuration());
  // The same, then changes a signal: the chip sees the data before the signal. Answers the signal's value after.
  absl::StatusOr<uint64_t> WriteThenNotify(uint64_t offset, std::string_view data, const SignalChange& change,
                                           absl::Duration timeout = absl::InfiniteDuration());
  // Changes a signal and rings the chip; answers its value after. One thread's notifies take effect in the order called.
  // Errors: NOT_FOUND (SIGNAL_NOT_FOUND), FAILED_PRECONDITION (SIGNAL_NOT_HOST_WRITTEN, STALE_ID), ...; UNKNOWN
  // (OUTCOME_UNKNOWN), UNAVAILABLE and DEADLINE_EXCEEDED: it may have been done.
  absl::StatusOr<uint64_t> Notify(const SignalChange& change);

  // Whether the conditions hold now.
  absl::StatusOr<WaitResult> Test(absl::Span<const SignalCondition> conditions, Combine combine = Combine::kAny) const;
  // Waits until the condition holds or the timeout passes (not an error: satisfied is false). 0 is one probe.
  absl::StatusOr<WaitResult> Wait(const SignalCondition& condition, absl::Duration timeout = absl::InfiniteDuration());
  absl::StatusOr<WaitResult> WaitAny(absl::Span<const SignalCondition> conditions,
                                     absl::Duration timeout = absl::InfiniteDuration());
  absl::StatusOr<WaitResult> WaitAll(absl::Span<const SignalCondition> conditions,
                                     absl::Duration timeout = absl::InfiniteDuration());

  // Calls back whenever the conditions hold and a value changed; the newest values, transient ones may go unseen. An error
  // is the last call. No round trip: a refusal comes to the callback.
  absl::StatusOr<WatchHandle> Watch(absl::Span<const SignalCondition> conditions, Combine combine,
                                    WatchCallback callback);
  // A wait without a thread: calls back exactly once, unless the handle is destroyed before.
  absl::StatusOr<WatchHandle> WaitThen(absl::Span<const SignalCondition> conditions, Combine combine,
                                       absl::Duration timeout, WatchCallback callback);

  absl::Status Close();
  // Breaks the watches' and notifies' RPC as a lost connection would; it is made again by itself. For tests.
  void BreakForTest();

 private:
  absl::Status ReadOnce(uint64_t offset, absl::Span<char> out, absl::Duration timeout) const;
  absl::StatusOr<WaitResult> WaitFor(absl::Span<const SignalCondition> conditions, Combine combine,
                                     absl::Duration timeout);

  const std::shared_ptr<Connection> connection_;
  const v1::Region info_;
  const bool created_;
  const std::shared_ptr<WatchStream> watches_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_REGION_H_
