#include "server/channel/outbound_frame.h"

#include <utility>

#include "absl/strings/escaping.h"

namespace l3link {

// Well-formed as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view bytes) {
  size_t i = 0;
  auto at = [&](size_t index) { return static_cast<unsigned char>(bytes[index]); };
  auto continues = [&](size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
    return index < bytes.size() && at(index) >= low && at(index) <= high;
  };
  while (i < bytes.size()) {
    const unsigned lead = at(i);
    if (lead < 0x80) {
      i += 1;
    } else if (lead >= 0xC2 && lead <= 0xDF && continues(i + 1)) {
      i += 2;
    } else if (lead >= 0xE0 && lead <= 0xEF &&
               continues(i + 1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(i + 2)) {
      i += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4 &&
               continues(i + 1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(i + 2) &&
               continues(i + 3)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

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
  if (form == v1::FORM_HEX || (form == v1::FORM_TEXT && !IsUtf8(payload))) {
    message->set_hex(absl::BytesToHexString(payload));
  } else if (form == v1::FORM_TEXT) {
    message->set_text(std::move(payload));
  } else {
    message->set_data(std::move(payload));
  }
}

}  // namespace l3link
