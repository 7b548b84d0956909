// A held lane, or a pair of them, at the end of one Stream RPC: what an application sends to and receives from a chip.
//
// Made by Channel::OpenStream. Messages are taken in order and arrive exactly once as long as the session lives: a broken
// connection is re-made and resumed inside, unseen by the application, for as long as the lease allows. Every method may be
// called from any thread; several senders are served in the order they get the lock. Callbacks run on the Orchestrator's
// one poller thread and must not block; a blocking call made from there is one probe.
#ifndef L3LINK_CLIENT_LANE_STREAM_H_
#define L3LINK_CLIENT_LANE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/message.h"

namespace l3link::client {

class Connection;
class StreamDriver;

// Which lane of a direction a stream holds.
struct LaneChoice {
  enum class By { kNone, kLane, kRoute, kAnyFree };
  By by = By::kNone;
  uint32_t value = 0;

  static LaneChoice None() { return {}; }
  static LaneChoice Lane(uint32_t lane) { return {By::kLane, lane}; }
  static LaneChoice Route(uint32_t route) { return {By::kRoute, route}; }  // lane = route % lane_count
  static LaneChoice AnyFree() { return {By::kAnyFree, 0}; }
};

enum class AckMode {
  kOnReceive,  // a message is acknowledged when Receive, ReceiveBatch or the callback has got it
  kExplicit,   // Ack says so: a message not yet acknowledged comes again after a crash
  kByNode,     // the node acknowledges what it delivers: at most once, one frame less
};

struct StreamOptions {
  LaneChoice send;     // of host_to_chip
  LaneChoice receive;  // of chip_to_host
  AckMode ack = AckMode::kOnReceive;

  // Who this is. A session id from before (session_id()) takes its lanes up again where they stand; with `resume` the node
  // answers SESSION_UNKNOWN rather than start anew.
  std::string session_id;  // empty: the node makes one up
  bool resume = false;
  // With resume: messages below this are processed; the node acknowledges them. See acked().
  uint64_t resume_acked = 0;
  // The sequence of the first message that will be sent. Those the node has already are taken and skipped, so a program
  // may send again from its own log. Absent: go on where the node stands.
  std::optional<uint64_t> send_from;

  // Delivered and unacknowledged at most; 0: the lane's depth, 4 MiB.
  uint32_t receive_window_messages = 0;
  uint64_t receive_window_bytes = 0;

  // How long to wait in turn for a lane that another session holds; 0: LANE_HELD at once.
  absl::Duration held_wait = absl::ZeroDuration();
  absl::Duration lease_ttl = absl::ZeroDuration();  // 1 s to 10 min; 0: the node's default, 30 s
  // For the first attach, beyond held_wait.
  absl::Duration attach_timeout = absl::Seconds(10);
  bool reconnect = true;

  // Called for every batch as it comes, instead of Receive and ReceiveBatch.
  std::function<void(const ReceivedBatch&)> on_messages;
  // Called once when the stream is over for good, with its status.
  std::function<void(const absl::Status&)> on_failed;
};

// How a stream stands, all read at one instant.
struct StreamPositions {
  std::string session_id;
  uint64_t epoch = 0;
  uint32_t send_lane = 0;
  uint32_t receive_lane = 0;
  uint64_t next_sequence = 0;  // of the next message to be sent
  uint64_t published = 0;      // messages of this lane in the ring
  uint64_t consumed = 0;       // taken by the chip
  uint64_t received = 0;       // come to this client: the next sequence expected
  uint64_t acked = 0;          // processed by the application
  uint64_t reconnects = 0;     // how often the stream was resumed
  uint32_t window_messages = 0;
  uint64_t window_bytes = 0;
  uint32_t max_message_bytes = 0;  // of the lane to send on, else of the other
  bool attached = false;           // false while reconnecting, or when over
  bool chip_lost = false;
  bool draining = false;  // the node has announced its stop
};

class LaneStream {
 public:
  // Attaches and waits for the node's answer.
  // Errors: those of ChannelService.Stream, and UNAVAILABLE, DEADLINE_EXCEEDED.
  static absl::StatusOr<std::unique_ptr<LaneStream>> Open(std::shared_ptr<Connection> connection,
                                                          const std::string& channel, uint32_t worker_id,
                                                          uint64_t generation, const StreamOptions& options);
  // Releases the lanes (as Close does, waiting 2 s at most) and drops what is not published: Flush first.
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

  // Flushes for at most `flush_timeout` (0: not at all), then releases the lanes. Later calls fail with CANCELLED.
  absl::Status Close(absl::Duration flush_timeout = absl::ZeroDuration());
  // Breaks off and leaves the lease to run out, so that the session may be taken up elsewhere (session_id, positions).
  void Abandon();
  // Breaks the RPC as a lost connection would; the stream resumes by itself. For tests.
  void BreakForTest();

 private:
  friend class Channel;
  explicit LaneStream(std::unique_ptr<StreamDriver> driver);

  std::unique_ptr<StreamDriver> driver_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_LANE_STREAM_H_
