// The sending half of a lane stream: sequences, the send window, and every frame that is not known to be published yet.
//
// Sans-IO: no gRPC, no threads, no clock. Its owner (StreamSession) calls it under one lock. A message is taken (Push), is
// part of a frame, is sent (NextFrame), and is dropped when the node reports it published (OnProgress). A resume sends
// again, from where the node stands, what it has not published. Memory is bounded by the window.
//
//   published            sent_through              next
//       |  sent, kept for resume  |  not sent yet   |
//       [entry][entry][entry      [entry][collecting]
//                                  ^ cursor
#ifndef L3LINK_CLIENT_SEND_QUEUE_H_
#define L3LINK_CLIENT_SEND_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/message.h"
#include "client/packed_frame.h"

namespace l3link::client {

class SendQueue {
 public:
  struct Limits {
    uint64_t window_messages = 0;
    uint64_t window_bytes = 0;
    uint64_t max_message_bytes = 0;
    uint64_t max_frame_bytes = 0;
  };

  // The first attach: the node publishes `node_next` next. Messages from `send_from` up to there are taken and skipped.
  // Errors: FAILED_PRECONDITION (SEQUENCE_GAP) when send_from is beyond what the node has.
  absl::Status Attach(uint64_t node_next, uint64_t consumed, const Limits& limits, std::optional<uint64_t> send_from);
  // A later attach: what the node has published is dropped, the rest will be sent again.
  // Errors: DATA_LOSS when the node stands where this session cannot have left it.
  absl::Status Resume(uint64_t node_next, uint64_t consumed, const Limits& limits);

  // Frames of what is pushed from now on have no more than about so many bytes; larger messages become fragments.
  void AimFramesAt(uint64_t bytes) { aim_bytes_ = bytes; }

  // Errors: INVALID_ARGUMENT (MESSAGE_TOO_LARGE).
  absl::Status CheckMessage(const OutgoingMessage& message) const;
  // Whether the window has room for a message of `bytes`. An empty queue has room for any.
  bool HasRoom(uint64_t bytes) const;
  // Takes a message that CheckMessage and HasRoom allow; copies its payload.
  void Push(const OutgoingMessage& message);
  // Takes the first of `messages`, as many as CheckMessage and HasRoom allow and until `most_unpublished` are; how many.
  size_t PushWhatFits(absl::Span<const OutgoingMessage> messages, uint64_t most_unpublished);

  // The next frame to send, or null. It stays valid and unchanged as long as the caller holds it.
  RequestFrame NextFrame();
  // Errors: DATA_LOSS when the node reports what was never sent.
  absl::Status OnProgress(uint64_t published, uint64_t consumed);

  uint64_t next_sequence() const { return next_; }
  uint64_t published() const { return published_; }
  uint64_t consumed() const { return consumed_; }
  bool all_published() const { return next_ <= published_; }
  uint64_t unpublished() const { return all_published() ? 0 : next_ - published_; }
  bool all_sent() const { return cursor_ == entries_.size(); }
  const Limits& limits() const { return limits_; }

 private:
  struct Entry {
    RequestFrame frame;
    uint64_t first = 0;
    uint64_t through = 0;  // one past the last message; for every fragment, one past its message
    uint64_t bytes = 0;    // of payload in the window; a large message counts whole at its first fragment
    bool fragment = false;
    size_t published = 0;  // of its messages, at the front
  };

  uint64_t most_frame_bytes() const { return std::min(limits_.max_frame_bytes, aim_bytes_); }
  bool FitsInFlight(const Entry& entry) const;
  bool NeedsFragments(const OutgoingMessage& message) const;
  void PushFragments(const OutgoingMessage& message);
  Entry& CollectingEntry(const OutgoingMessage& message);
  uint64_t FrameTarget() const;
  uint64_t FrameBytes(const Entry& entry) const;
  // The first of `messages`, which fits, and those behind it that fit into the same frame and the window; how many.
  size_t PushRun(absl::Span<const OutgoingMessage> messages, uint64_t most);
  // Cuts the entry at the cursor to what the window allows, at least one message.
  void SplitAtWindow();
  void DropPublished();
  void PublishPartly(Entry& entry, bool sent);
  void KeepForReuse(Entry& entry);

  Limits limits_;
  uint64_t aim_bytes_ = UINT64_MAX;
  uint64_t next_ = 0;          // of the next message to be taken
  uint64_t sent_through_ = 0;  // one past the last message of which anything was sent on this attach
  uint64_t published_ = 0;
  uint64_t consumed_ = 0;
  uint64_t bytes_in_flight_ = 0;    // sent on this attach, unpublished
  uint64_t bytes_unpublished_ = 0;  // of all entries
  std::deque<Entry> entries_;
  size_t cursor_ = 0;  // index of the first entry not sent on this attach
  std::vector<RequestFrame> spare_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_SEND_QUEUE_H_
