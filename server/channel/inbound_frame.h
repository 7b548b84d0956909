// A messages frame from a client: checked as a whole before any of it is used, then walked message by message.
//
// Pure functions over foreign bytes; any thread.
#ifndef L3LINK_SERVER_CHANNEL_INBOUND_FRAME_H_
#define L3LINK_SERVER_CHANNEL_INBOUND_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backends/host/lane_geometry.h"
#include "backends/host/message_run.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/frame_payload.h"

namespace l3link {

enum class FrameForm { kMessages, kPacked, kFragment };

struct FrameShape {
  FrameForm form = FrameForm::kMessages;
  uint64_t count = 0;          // messages; of a fragment: 1
  uint64_t payload_bytes = 0;  // hex counts what it stands for
};

struct FrameLimits {
  uint32_t max_message_bytes;
  uint64_t max_frame_bytes;  // of payloads
};

// MALFORMED_FRAME (two forms at once, arrays that disagree, hex that is not, a fragment outside its message) or
// MESSAGE_TOO_LARGE; what is wrong with one message of several names it: {index}. A frame without messages is legal.
// `payload`: of a packed frame or fragment, wherever it lies.
absl::StatusOr<FrameShape> CheckFrame(const v1::Messages& frame, const FramePayload& payload,
                                      const FrameLimits& limits);

// The payload size of hand-written message `index` of its frame or unary Send: MALFORMED_FRAME for hex that is not,
// MESSAGE_TOO_LARGE, each with {index}.
absl::StatusOr<uint64_t> CheckedBytes(const v1::Message& message, int index, uint32_t max_message_bytes);

// A checked message; hex is decoded into `scratch`, anything else is left in place.
OutgoingMessage ToOutgoing(const v1::Message& message, std::string* scratch);

// A walk through a checked frame of kMessages or kPacked: stands at one of its messages, or past the last.
class FrameCursor {
 public:
  uint64_t index() const { return index_; }
  // The message; `scratch` may hold its payload. Not where it is InPieces.
  OutgoingMessage At(const v1::Messages& frame, const FramePayload& payload, std::string* scratch) const;
  // Its payload is packed, and to be had by CopyPieces only.
  bool InPieces(const v1::Messages& frame, const FramePayload& payload) const {
    return frame.has_packed() && !payload.InOnePiece(place_, PayloadBytes(frame));
  }
  // Of a packed frame's message: all but its payload, and that.
  MessageHeader HeaderOf(const v1::Messages& frame) const;
  void CopyPieces(const v1::Messages& frame, const FramePayload& payload, std::byte* to) const {
    payload.Copy(place_, PayloadBytes(frame), to);
  }
  void Next(const v1::Messages& frame, const FramePayload& payload);

  // Of a packed frame: this message and all behind it, with the payload of the first of them in one piece.
  MessageRun RunAt(const v1::Messages& frame, const FramePayload& payload) const;
  void Skip(const StagedRun& staged, const FramePayload& payload) {
    index_ += staged.count;
    payload.Skip(staged.bytes, &place_);
  }

 private:
  uint32_t PayloadBytes(const v1::Messages& frame) const { return frame.packed().sizes(static_cast<int>(index_)); }

  uint64_t index_ = 0;
  FramePayload::Place place_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_INBOUND_FRAME_H_
