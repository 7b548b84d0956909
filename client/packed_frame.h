// Packed frames under construction: messages are copied once, from the caller's span into the frame that will be sent.
//
// Used by SendQueue, under its owner's lock. Frames keep their capacity when recycled.
#ifndef L3LINK_CLIENT_PACKED_FRAME_H_
#define L3LINK_CLIENT_PACKED_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/types/span.h"
#include "client/message.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

// What a frame costs on the wire beyond its payloads, rounded up.
inline constexpr uint64_t kFrameOverheadBytes = 96;
inline constexpr uint64_t kMessageOverheadBytes = 16;

using RequestFrame = std::shared_ptr<v1::StreamRequest>;

// An empty packed frame whose first message will have `first_sequence`.
RequestFrame NewPackedFrame(uint64_t first_sequence);
// Empties `frame`, which NewPackedFrame made, for another use.
void RecyclePackedFrame(v1::StreamRequest& frame, uint64_t first_sequence);
void AppendMessages(v1::StreamRequest& frame, absl::Span<const OutgoingMessage> messages);
// Messages [begin, end) of `frame` as a frame of their own.
RequestFrame SlicePackedFrame(const v1::StreamRequest& frame, size_t begin, size_t end);
// Piece [offset, offset + piece.size()) of a message of `total_bytes`.
RequestFrame NewFragment(uint64_t sequence, const OutgoingMessage& message, uint64_t offset, std::string_view piece);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_PACKED_FRAME_H_
