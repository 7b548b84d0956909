// A held lane, or a pair of them, at the end of one Stream RPC: what an application sends to and receives from a chip.
//
// Made by Channel::OpenStream. Messages are taken in order and arrive exactly once as long as the session lives: a broken
// connection is re-made and resumed inside, unseen by the application, for as long as the lease allows. Every method may be
// called from any thread; several senders are served in the order they get the lock. Callbacks run on the library's thread,
// or on that of a caller who waits in it: they must not block, nor take a lock that such a caller holds. A blocking call made
// from one is one probe. So is a timeout of 0; a negative one is refused (INVALID_ARGUMENT_FIELD).
#ifndef L3LINK_CLIENT_LANE_STREAM_H_
#define L3LINK_CLIENT_LANE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/message.h"
#include "client/stream_options.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

class Connection;
class StreamDriver;

class LaneStream {
 public:
  // Attaches and waits for the node's answer.
  // Errors: those of ChannelService.Stream, and UNAVAILABLE, DEADLINE_EXCEEDED.
  static absl::StatusOr<std::unique_ptr<LaneStream>> Open(std::shared_ptr<Connection> connection,
                                                          const v1::ChannelId& channel, const StreamOptions& options);
  // Releases the lanes as Close(0) does, and drops what is not published: Flush first.
  ~LaneStream();
  LaneStream(const LaneStream&) = delete;
  LaneStream& operator=(const LaneStream&) = delete;

  // Takes one message; waits for room in the window. The payload is read before this returns.
  // Errors: DEADLINE_EXCEEDED (WOULD_BLOCK: not taken), INVALID_ARGUMENT (MESSAGE_TOO_LARGE, DIRECTION_NOT_HELD), or the
  // stream's own end.
  absl::Status Send(const OutgoingMessage& message, absl::Duration timeout = absl::InfiniteDuration());
  // The same without waiting or a round trip; false: no room now.
  absl::StatusOr<bool> TrySend(const OutgoingMessage& message);
  // Takes messages in order until all are taken or the timeout has passed; answers how many. 0 is one probe. An error
  // means the first of them was not taken.
  absl::StatusOr<size_t> SendBatch(absl::Span<const OutgoingMessage> messages,
                                   absl::Duration timeout = absl::InfiniteDuration());
  // Waits until all taken messages are published: in the ring, whatever happens to this client. Errors: as Send.
  absl::Status Flush(absl::Duration timeout = absl::InfiniteDuration());

  // The next message; a batch of one, which keeps its payload alive.
  // Errors: DEADLINE_EXCEEDED (WOULD_BLOCK: none came), INVALID_ARGUMENT (DIRECTION_NOT_HELD), or the stream's own end
  // (after everything that came before it).
  absl::StatusOr<ReceivedBatch> Receive(absl::Duration timeout = absl::InfiniteDuration());
  // Up to `max_messages` of what has come; empty when the timeout passed. Never waits for more than the first message.
  absl::StatusOr<ReceivedBatch> ReceiveBatch(size_t max_messages, absl::Duration timeout = absl::InfiniteDuration());
  // Messages below `through` are processed. Errors: INVALID_ARGUMENT (ACK_BEYOND_DELIVERED), or the stream's own end.
  absl::Status Ack(uint64_t through);

  StreamPositions positions() const;
  std::string session_id() const;
  uint64_t published() const;
  uint64_t consumed() const;
  uint64_t acked() const;
  // OK while the stream lives, reconnecting included; else why it ended.
  absl::Status status() const;

  // Flushes and releases the lanes, waiting up to `timeout` for that and for a broken connection to be resumed (0: does not
  // flush, nor wait for a node that is away; a node that is there has 2 s to answer in any case). Later calls fail with
  // CANCELLED. Errors: DEADLINE_EXCEEDED (WOULD_BLOCK: not released; the lease runs out by itself), or the stream's own end.
  absl::Status Close(absl::Duration timeout = absl::ZeroDuration());
  // Breaks off and leaves the lease to run out, so that the session may be taken up elsewhere (session_id, positions).
  void Abandon();
  // Breaks the RPC as a lost connection would; the stream resumes by itself. For tests.
  void BreakForTest();

 private:
  explicit LaneStream(std::unique_ptr<StreamDriver> driver);

  std::unique_ptr<StreamDriver> driver_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_LANE_STREAM_H_
