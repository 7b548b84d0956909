// The receiving half of a lane stream: frames in, batches out, and the position that the application has acknowledged.
//
// Sans-IO: no gRPC, no threads, no clock. Its owner (StreamSession) calls it under one lock. Frames are kept whole and
// handed out as views; a large message that comes in fragments is put together here. What comes twice after a resume is
// dropped, and acknowledged again where the application had acknowledged it.
//
//   acked <= taken <= received:  processed | handed out | waiting here | not come yet
#ifndef L3LINK_CLIENT_RECEIVE_QUEUE_H_
#define L3LINK_CLIENT_RECEIVE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/message.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

using ResponseFrame = std::shared_ptr<const v1::StreamResponse>;

class ReceiveQueue {
 public:
  // `node_acks`: whatever comes counts as acknowledged, and no acks are sent.
  explicit ReceiveQueue(bool node_acks) : node_acks_(node_acks) {}

  // The first attach.
  void Attach(const v1::AttachedLane& lane);
  // A later one. Errors: DATA_LOSS when the node has moved beyond what this client acknowledged and received.
  absl::Status Resume(const v1::AttachedLane& lane);

  // A frame that holds messages. Errors: INTERNAL when it is malformed or leaves a gap.
  absl::Status OnMessages(const ResponseFrame& frame);

  bool empty() const { return batches_.empty(); }
  // What Take would begin with; not when empty.
  ReceivedMessage front() const { return batches_.front().front(); }
  // Up to `max_messages` of one frame, oldest first; empty when there is none.
  ReceivedBatch Take(size_t max_messages);

  // Errors: INVALID_ARGUMENT (ACK_BEYOND_DELIVERED).
  absl::Status Ack(uint64_t through);
  // All of a batch that was taken; the node need not hear of it before something is sent anyway, or PressAck. Not for long
  // where much is unacknowledged.
  void AckLater(const ReceivedBatch& batch);
  // What waits is to go now.
  void PressAck() { ack_waits_ = false; }
  bool ack_waits() const { return ack_waits_ && acked_ > ack_sent_; }
  // What the node should be told now, if anything; with `goes_anyway` what may wait, too.
  std::optional<uint64_t> NextAck(bool goes_anyway = false);

  uint64_t received() const { return received_; }
  uint64_t taken() const { return taken_; }
  // Where a resume should go on.
  uint64_t acked() const { return node_acks_ ? received_ : acked_; }

 private:
  struct LargeMessage {
    std::string data;
    uint64_t total_bytes = 0;  // as its first piece said
    uint32_t size = 0;
    uint32_t route = 0;
    uint64_t correlation_id = 0;
  };

  absl::Status OnPacked(const ResponseFrame& frame);
  absl::Status OnFragment(const v1::Messages& messages);
  // How many of [first, first + count) came before. Errors: a gap.
  absl::Status CountDuplicates(uint64_t first, uint64_t count, uint64_t* duplicates);

  const bool node_acks_;
  uint64_t received_ = 0;
  uint64_t taken_ = 0;
  uint64_t acked_ = 0;
  uint64_t ack_sent_ = 0;
  bool ack_waits_ = false;       // what is acked and not sent may wait
  uint64_t ack_late_bytes_ = 0;  // of it
  uint64_t most_late_messages_ = 0;
  uint64_t redelivered_through_ = 0;
  uint64_t max_message_bytes_ = 0;
  std::deque<ReceivedBatch> batches_;
  std::shared_ptr<LargeMessage> assembling_;  // message `received_`, its first bytes
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_RECEIVE_QUEUE_H_
