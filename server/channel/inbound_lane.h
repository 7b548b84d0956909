// The sending half of a stream: from a client's messages frames into a host_to_chip lane.
//
// Sans-IO; used under the chip worker's lock. What the ring has no room for is parked, frame by frame, at most the send
// window: the client knows it and keeps to it, so the stream can always be read on. A message larger than a frame comes in
// fragments and goes piece by piece straight to its place in the ring; nothing else is staged until it is whole.
//
//   next_sequence = published + parked (+ 1 while a message is coming in fragments)
#ifndef L3LINK_SERVER_CHANNEL_INBOUND_LANE_H_
#define L3LINK_SERVER_CHANNEL_INBOUND_LANE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "backends/host/lane_producer.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/held_lane.h"
#include "server/channel/inbound_frame.h"
#include "server/fifo.h"

namespace l3link {

// Sent and not yet published at most.
struct SendWindow {
  uint32_t messages = 0;
  uint64_t bytes = 0;
};

class InboundLane {
 public:
  // The lane outlives every call; not necessarily this object.
  InboundLane(LaneProducer* producer, const HeldLane& held, const SendWindow& window, uint64_t max_frame_bytes);

  // The stream ends while the lane goes on: a message that is not whole is as if it had never been.
  void Leave();

  // Publishes what there is room for and parks the rest, taking it out of `frame` and `payload` (of a packed frame or fragment,
  // wherever it lies). On an error nothing of the frame has been used: MALFORMED_FRAME, MESSAGE_TOO_LARGE, SEQUENCE_GAP,
  // WINDOW_EXCEEDED, LANE_POISONED.
  absl::Status Accept(v1::Messages& frame, FramePayload& payload);
  // There may be room again. LANE_POISONED.
  absl::Status Pump();
  absl::Status Health() const;
  // Looks how far the chip is and asks it to ring at the next step. LANE_POISONED.
  absl::Status LookForConsumed();

  // Progress that the client has not been told: of published, or of consumed alone (which can wait).
  bool published_news() const { return producer_->published() != told_published_ || duplicate_seen_; }
  // Nothing is left to publish nor announced, or what the client was not told is a quarter of its window or more.
  bool published_much() const;
  bool consumed_news() const { return producer_->consumed() != told_consumed_; }
  bool progress_news() const { return published_news() || consumed_news(); }
  void FillProgress(v1::Progress* progress);

  // No more frames come, whatever the last one said. MALFORMED_FRAME while a message has come in part.
  absl::Status OnLastFrame();

  bool parked() const { return !parked_.empty(); }
  bool all_published() const { return parked_.empty() && !in_fragments_; }
  uint64_t next_sequence() const { return next_sequence_; }
  uint64_t published() const { return producer_->published(); }
  uint64_t consumed() const { return producer_->consumed(); }
  uint64_t told_consumed() const { return told_consumed_; }  // also when the lane is gone
  const SendWindow& window() const { return window_; }

 private:
  struct Parked {
    v1::Messages frame;
    FramePayload payload;
    FrameShape shape;
    FrameCursor cursor;
  };

  absl::Status CheckWhole() const;
  absl::Status CheckSequence(const v1::Messages& frame, const FrameShape& shape, uint64_t* duplicates) const;
  absl::Status CheckFragmentOrder(const v1::Fragment& fragment, uint64_t sequence) const;
  absl::Status CheckWindow(uint64_t messages, uint64_t bytes) const;
  // Stages what fits of a frame; true: all of it.
  bool Apply(const v1::Messages& frame, const FramePayload& payload, const FrameShape& shape, FrameCursor* cursor);
  // The message at `cursor`, which may lie in pieces, or need the chip to be asked for room.
  bool ApplyOne(const v1::Messages& frame, const FramePayload& payload, const FrameCursor& cursor);
  bool ApplyFragment(const v1::Fragment& fragment, const FramePayload& payload);
  LaneResult StageOrLook(const OutgoingMessage& message);
  LaneResult ReserveOrLook(const MessageHeader& header);
  void Publish();

  LaneProducer* const producer_;
  const HeldLane held_;
  const SendWindow window_;
  const FrameLimits limits_;
  Fifo<Parked> parked_;
  uint64_t next_sequence_;             // of the next message to come; the one in fragments counts when it is whole
  uint64_t unpublished_messages_ = 0;  // parked
  uint64_t unpublished_bytes_ = 0;     // parked, and of the message in fragments
  bool in_fragments_ = false;          // a message has begun to come and is not whole
  uint64_t fragment_received_ = 0;     // of it, parked or in place
  uint64_t fragment_total_ = 0;
  absl::Span<std::byte> place_;  // in the ring, while reserved
  uint64_t placed_bytes_ = 0;
  uint64_t told_published_;
  uint64_t told_published_bytes_;
  uint64_t told_consumed_;
  bool more_follow_ = false;     // by the newest frame
  bool duplicate_seen_ = false;  // answered by repeating the progress
  std::string scratch_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_INBOUND_LANE_H_
