// An open channel on one worker: opens streams on its lanes, or sends and receives by route over streams of its own.
//
// Made by Orchestrator::OpenChannel and FindChannel. Destroying it releases the streams it opened for itself; the channel
// on the node stays until Orchestrator::CloseChannel or Close. Any thread.
#ifndef L3LINK_CLIENT_CHANNEL_H_
#define L3LINK_CLIENT_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/lane_stream.h"
#include "client/message.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

class Connection;
class RouteStreams;

class Channel {
 public:
  Channel(std::shared_ptr<Connection> connection, v1::Channel info, bool created);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const v1::ChannelId& id() const { return info_.id(); }
  const std::string& name() const { return info_.id().name(); }
  const v1::ChannelConfig& config() const { return info_.config(); }
  // As it was when opened; Refresh asks the node for the live state of the lanes.
  const v1::Channel& info() const { return info_; }
  bool created() const { return created_; }  // false: it was open already
  Connection& connection() const { return *connection_; }

  absl::StatusOr<v1::Channel> Refresh() const;
  // Holds the lanes that the options choose until the stream is destroyed.
  absl::StatusOr<std::unique_ptr<LaneStream>> OpenStream(const StreamOptions& options) const;

  // By route, over one stream a lane that is opened when first needed: lane = route % lane_count.
  absl::Status Send(const OutgoingMessage& message, absl::Duration timeout = absl::InfiniteDuration());
  // The same with a window of the lane's depth: WOULD_BLOCK while so many of its messages are not in the ring.
  absl::Status SendWithinDepth(const OutgoingMessage& message, absl::Duration timeout = absl::InfiniteDuration());
  // From all chip_to_host lanes in fair turn; order holds within a lane. Acknowledged when returned. Errors: as
  // LaneStream::Receive.
  absl::StatusOr<ReceivedBatch> Receive(absl::Duration timeout = absl::InfiniteDuration());
  // The same into the caller's own memory: copies the next message into `message`'s room, fills in its facts and
  // acknowledges it. Errors: as Receive, and INVALID_ARGUMENT (MESSAGE_TOO_LARGE): the facts are filled in, the room is as it
  // was, and the message stays the next one.
  absl::Status ReceiveInto(IncomingMessage* message, absl::Duration timeout = absl::InfiniteDuration());
  // Waits until everything sent by route is published.
  absl::Status Flush(absl::Duration timeout = absl::InfiniteDuration());

  // Looks at waiting messages of a lane; moves nothing.
  absl::StatusOr<v1::PeekResponse> Peek(v1::Direction direction, uint32_t lane, uint32_t max_messages = 16,
                                        v1::Form form = v1::FORM_DATA) const;
  // Closes the channel on the node: now, or once drained (at most `timeout`). Answers how many messages were dropped.
  // Send then fails with ABORTED (CHANNEL_CLOSED); what has come can still be received.
  absl::StatusOr<uint64_t> Close(bool drain = false, absl::Duration timeout = absl::Seconds(10));

 private:
  const std::shared_ptr<Connection> connection_;
  const v1::Channel info_;
  const bool created_;
  const std::unique_ptr<RouteStreams> streams_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_CHANNEL_H_
