#include "server/channel/outbound_frame.h"

#include <utility>

#include "server/channel/message_body.h"

namespace l3link {

v1::Form OrData(v1::Form form) { return form == v1::FORM_UNSPECIFIED ? v1::FORM_DATA : form; }

uint64_t FrameBytesOf(uint64_t payload_bytes, v1::Form form) {
  constexpr uint64_t kPackedWords = 4 + 4 + 8;  // size, route, correlation id
  constexpr uint64_t kEntryWords = 64;          // tags, lengths and words of a Message, at most
  switch (form) {
    case v1::FORM_PACKED: return payload_bytes + kPackedWords;
    case v1::FORM_TEXT:
    case v1::FORM_HEX: return 2 * payload_bytes + kEntryWords;
    default: return payload_bytes + kEntryWords;
  }
}

void ClearFrame(v1::Messages* frame, v1::Form form, uint64_t first_sequence) {
  frame->set_first_sequence(first_sequence);
  frame->clear_fragment();
  frame->clear_progress();
  frame->clear_messages();  // keeps the entries for reuse
  if (form != v1::FORM_PACKED) {
    frame->clear_packed();
    return;
  }
  v1::PackedMessages* packed = frame->mutable_packed();  // Clear() of the frame would free its arrays
  packed->clear_sizes();
  packed->clear_routes();
  packed->clear_correlation_ids();
  packed->mutable_payloads()->clear();
}

void FillMessage(const MessageHeader& header, std::string payload, v1::Form form, v1::Message* message) {
  message->set_sequence(header.sequence);
  message->set_route(header.route);
  message->set_correlation_id(header.correlation_id);
  message->set_redelivered(header.redelivered);
  SetBody(form, std::move(payload), message);
}

}  // namespace l3link
