// A channel's own streams, one a lane, opened when first needed; behind Channel::Send, Receive and Flush.
//
// Owned by Channel. Any thread. A stream that ended tells its error once; the next use opens another.
#ifndef L3LINK_CLIENT_ROUTE_STREAMS_H_
#define L3LINK_CLIENT_ROUTE_STREAMS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/connection.h"
#include "client/message.h"
#include "client/monitor.h"
#include "client/stream_driver.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

class RouteStreams {
 public:
  RouteStreams(std::shared_ptr<Connection> connection, const v1::Channel& info);
  ~RouteStreams();

  // At most `most_unpublished` messages a lane are taken and not yet in the ring.
  absl::Status Send(const OutgoingMessage& message, absl::Duration timeout, uint64_t most_unpublished = UINT64_MAX);
  absl::StatusOr<ReceivedBatch> Receive(absl::Duration timeout);
  absl::Status ReceiveInto(IncomingMessage* message, absl::Duration timeout);
  absl::Status Flush(absl::Duration timeout);
  // The node has closed the channel: nothing more is taken, though its streams may not have heard of it yet.
  void OnChannelClosed() { channel_closed_.store(true, std::memory_order_release); }  // pairs with Send's acquire

 private:
  using Lanes = std::vector<std::shared_ptr<StreamDriver>>;

  absl::StatusOr<std::shared_ptr<StreamDriver>> Lane(Lanes& lanes, uint32_t lane, bool sends)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(opening_);
  // Every receiving lane; null for one that could not be opened, and why in `trouble`.
  Lanes OpenReceivers(absl::Status* trouble);
  // Repeats `take_from(StreamDriver&)` on the lanes until one gave something. A lane in trouble is told of when no other has a
  // message.
  template <typename TakeFrom>
  absl::StatusOr<ReceivedBatch> ReceiveBy(TakeFrom take_from, absl::Duration timeout);
  // One look at every lane, beginning after the one that gave the last message, or at the one whose message was too large.
  template <typename TakeFrom>
  absl::StatusOr<ReceivedBatch> Probe(const Lanes& lanes, TakeFrom take_from);
  void ForgetEnded(const absl::Status& told);

  const std::shared_ptr<Connection> connection_;
  const v1::ChannelId channel_;
  const size_t senders_count_;
  Mutex opening_;  // held while streams are opened, never by the poller
  Lanes senders_ ABSL_GUARDED_BY(opening_);
  Lanes receivers_ ABSL_GUARDED_BY(opening_);
  std::atomic<bool> channel_closed_{false};
  Mutex mutex_;  // of what the poller tells
  Condition arrived_;
  uint64_t arrivals_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t turn_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ROUTE_STREAMS_H_
