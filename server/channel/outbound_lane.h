// The receiving half of a stream: from a chip_to_host lane into messages frames, and the client's acks back into the ring.
//
// Sans-IO; used under the chip worker's lock. The ring is the only queue: a frame is filled from it when the stream can
// send one, with as many messages as are there, and the ring's head moves only on ack. What is delivered and not yet
// acknowledged is bounded by the receive window; one message always fits.
#ifndef L3LINK_SERVER_CHANNEL_OUTBOUND_LANE_H_
#define L3LINK_SERVER_CHANNEL_OUTBOUND_LANE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "backends/host/lane_consumer.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/held_lane.h"
#include "server/fifo.h"

namespace l3link {

struct DeliveryOptions {
  uint32_t window_messages = 0;  // 0: the lane's depth
  uint64_t window_bytes = 0;     // 0: 4 MiB
  v1::Form form = v1::FORM_DATA;
  bool auto_ack = false;
  uint64_t max_frame_bytes = uint64_t{1} << 20;
  bool resumed = false;  // messages delivered to this session before may be acknowledged without a new delivery
};

// Gives back all messages below `through`, copying through those that were delivered before but not since the last Rewind.
// `through` is at most delivered_ever(). False: the lane is poisoned.
bool AckThrough(LaneConsumer& consumer, uint64_t through);

class OutboundLane {
 public:
  // Delivery begins at the first unacknowledged message.
  OutboundLane(LaneConsumer* consumer, const HeldLane& held, const DeliveryOptions& options);

  // Whether Fill would find something now. Where the ring is empty, the chip has been asked to ring.
  bool HasMessages();
  // The next frame: as many messages as there are, the window allows and a frame takes, `most` at most, or one fragment.
  // False: nothing (then Health says whether the lane is broken).
  bool Fill(uint64_t most, v1::Messages* frame);
  // The frame filled last has left. With auto_ack its messages are acknowledged.
  void OnWritten();

  // ACK_BEYOND_DELIVERED{through, delivered}, LANE_POISONED.
  absl::Status Ack(uint64_t through);
  absl::Status Health() const;

  uint64_t acked() const { return consumer_->acked(); }
  uint64_t delivered_count() const { return delivered_count_; }  // messages on this stream
  uint64_t max_message_bytes() const { return consumer_->geometry().max_message_bytes; }
  // Sequences below were delivered before this stream began; 0: none of those to come.
  uint64_t redelivered_through() const { return redelivered_through_; }

 private:
  bool WindowTakes(uint64_t payload_bytes) const;
  bool Append(const MessageHeader& header, v1::Messages* frame);
  bool FillFragment(const MessageHeader& header, v1::Messages* frame);
  void CountDelivered(const MessageHeader& header);
  void GiveBack(uint64_t through);

  LaneConsumer* const consumer_;
  const HeldLane held_;
  const DeliveryOptions options_;
  const uint64_t ack_floor_;  // delivered to this session before
  uint64_t redelivered_through_;
  Fifo<uint32_t> unacked_sizes_;  // of messages [unacked_from_, delivered)
  uint64_t unacked_from_;
  uint64_t unacked_bytes_ = 0;
  uint64_t fragment_offset_ = 0;  // of the message being sent in fragments
  uint64_t pending_ack_ = 0;      // arrived amid such a message
  uint64_t delivered_count_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_OUTBOUND_LANE_H_
