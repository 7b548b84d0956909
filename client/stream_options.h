// How a lane stream is opened, and how it stands. Plain values; any thread.
#ifndef L3LINK_CLIENT_STREAM_OPTIONS_H_
#define L3LINK_CLIENT_STREAM_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/message.h"

namespace l3link::client {

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
  // A message is acknowledged when Receive, ReceiveBatch or the callback has got it. The node hears of that with the next
  // messages sent, when the caller waits again, or 1 ms later.
  kOnReceive,
  kExplicit,  // Ack says so: a message not yet acknowledged comes again after a crash
  kByNode,    // the node acknowledges what it delivers: at most once, one frame less
};

struct StreamOptions {
  LaneChoice send = LaneChoice::None();     // of host_to_chip
  LaneChoice receive = LaneChoice::None();  // of chip_to_host
  AckMode ack = AckMode::kOnReceive;

  // Who this is. A session id from before (session_id()) takes its lanes up again where they stand; with `resume` the node
  // answers SESSION_UNKNOWN rather than start anew.
  std::string session_id = {};  // empty: the node makes one up
  bool resume = false;
  // With resume: messages below this are processed; the node acknowledges them. See acked().
  uint64_t resume_acked = 0;
  // The sequence of the first message that will be sent. Those the node has already are taken and skipped, so a program
  // may send again from its own log. Absent: go on where the node stands.
  std::optional<uint64_t> send_from = std::nullopt;

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
  std::function<void(const ReceivedBatch&)> on_messages = nullptr;
  // Called when the node has said how far it is: there may be room to send again, or all may be published.
  std::function<void()> on_progress = nullptr;
  // Called once when the stream is over for good, with its status.
  std::function<void(const absl::Status&)> on_failed = nullptr;
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

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_STREAM_OPTIONS_H_
