// Messages of a chip_to_host lane as frames and answers for clients: packed, or one entry a message in the form they chose.
//
// Pure; the caller holds what it passes. Buffers of a frame that is used again keep their capacity.
#ifndef L3LINK_SERVER_CHANNEL_OUTBOUND_FRAME_H_
#define L3LINK_SERVER_CHANNEL_OUTBOUND_FRAME_H_

#include <cstdint>
#include <string>

#include "backends/host/lane_geometry.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

// DATA for UNSPECIFIED.
v1::Form OrData(v1::Form form);

// Bytes of a frame that a message of `payload_bytes` takes at most, in `form`.
uint64_t FrameBytesOf(uint64_t payload_bytes, v1::Form form);

// Empties a frame for messages in `form` from `first_sequence` on, keeping what it has allocated.
void ClearFrame(v1::Messages* frame, v1::Form form, uint64_t first_sequence);

// Header and body of one entry. FORM_TEXT falls back to hex where `payload` is not UTF-8.
void FillMessage(const MessageHeader& header, std::string payload, v1::Form form, v1::Message* message);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_OUTBOUND_FRAME_H_
