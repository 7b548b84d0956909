#include "server/channel/inbound_frame.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

absl::Span<const std::byte> Bytes(absl::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMALFORMED_FRAME, absl::StrCat("messages frame: ", what));
}

// What is wrong with one message of several, and with which.
absl::Status AtIndex(const absl::Status& status, int index) {
  return WithMetadata(Refuse(RefusalOf(status)->row->reason, absl::StrCat("messages[", index, "]: ", status.message()),
                             RefusalOf(status)->metadata),
                      {{"index", absl::StrCat(index)}});
}

absl::Status TooLarge(uint64_t bytes, uint32_t max_message_bytes) {
  return Refuse(Reason::kMESSAGE_TOO_LARGE,
                absl::StrCat("message of ", bytes, " bytes > max_message_bytes ", max_message_bytes),
                {{"bytes", absl::StrCat(bytes)}, {"max_message_bytes", absl::StrCat(max_message_bytes)}});
}

absl::StatusOr<uint64_t> HexBytes(absl::string_view hex) {
  const auto wrong = std::find_if_not(hex.begin(), hex.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (wrong != hex.end()) return Malformed(absl::StrCat("hex: no hex digit at ", wrong - hex.begin()));
  if (hex.size() % 2 != 0) return Malformed(absl::StrCat("hex: ", hex.size(), " digits, two a byte are needed"));
  return hex.size() / 2;
}

absl::StatusOr<uint64_t> BodyBytes(const v1::Message& message) {
  switch (message.body_case()) {
    case v1::Message::kData: return message.data().size();
    case v1::Message::kText: return message.text().size();
    case v1::Message::kHex: return HexBytes(message.hex());
    case v1::Message::BODY_NOT_SET: break;
  }
  return 0;
}

absl::Status CheckPacked(const v1::PackedMessages& packed, uint64_t payload_bytes, const FrameLimits& limits) {
  const int count = packed.sizes_size();
  if (packed.routes_size() != 0 && packed.routes_size() != count) {
    return Malformed(absl::StrCat("packed has ", count, " sizes and ", packed.routes_size(), " routes"));
  }
  if (packed.correlation_ids_size() != 0 && packed.correlation_ids_size() != count) {
    return Malformed(
        absl::StrCat("packed has ", count, " sizes and ", packed.correlation_ids_size(), " correlation_ids"));
  }
  uint64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const uint32_t size = packed.sizes(i);
    if (size > limits.max_message_bytes) return AtIndex(TooLarge(size, limits.max_message_bytes), i);
    sum += size;
  }
  if (sum != payload_bytes) {
    return Malformed(absl::StrCat("packed sizes add up to ", sum, " bytes, payloads has ", payload_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckFragment(const v1::Fragment& fragment, uint64_t size, const FrameLimits& limits) {
  if (fragment.total_bytes() > limits.max_message_bytes) {
    return TooLarge(fragment.total_bytes(), limits.max_message_bytes);
  }
  if (fragment.offset() > fragment.total_bytes() || size > fragment.total_bytes() - fragment.offset()) {
    return Malformed(absl::StrCat("fragment of ", size, " bytes at ", fragment.offset(), " lies outside total_bytes ",
                                  fragment.total_bytes()));
  }
  if (size == 0 && fragment.total_bytes() != 0) return Malformed("fragment without data");
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> CheckByHand(const v1::Messages& frame, const FrameLimits& limits) {
  uint64_t sum = 0;
  for (int i = 0; i < frame.messages_size(); ++i) {
    absl::StatusOr<uint64_t> bytes = CheckedBytes(frame.messages(i), i, limits.max_message_bytes);
    if (!bytes.ok()) return bytes.status();
    sum += *bytes;
  }
  return sum;
}

}  // namespace

absl::StatusOr<uint64_t> CheckedBytes(const v1::Message& message, int index, uint32_t max_message_bytes) {
  absl::StatusOr<uint64_t> bytes = BodyBytes(message);
  if (!bytes.ok()) return AtIndex(bytes.status(), index);
  if (*bytes > max_message_bytes) return AtIndex(TooLarge(*bytes, max_message_bytes), index);
  return bytes;
}

absl::StatusOr<FrameShape> CheckFrame(const v1::Messages& frame, const FramePayload& payload,
                                      const FrameLimits& limits) {
  if ((frame.messages_size() > 0) + frame.has_packed() + frame.has_fragment() > 1) {
    return Malformed("one of messages, packed and fragment, not several");
  }
  FrameShape shape;
  if (frame.has_packed()) {
    if (absl::Status status = CheckPacked(frame.packed(), payload.size(), limits); !status.ok()) return status;
    shape = {FrameForm::kPacked, static_cast<uint64_t>(frame.packed().sizes_size()), payload.size()};
  } else if (frame.has_fragment()) {
    if (absl::Status status = CheckFragment(frame.fragment(), payload.size(), limits); !status.ok()) return status;
    shape = {FrameForm::kFragment, 1, payload.size()};
  } else {
    absl::StatusOr<uint64_t> bytes = CheckByHand(frame, limits);
    if (!bytes.ok()) return bytes.status();
    shape = {FrameForm::kMessages, static_cast<uint64_t>(frame.messages_size()), *bytes};
  }
  if (shape.payload_bytes > limits.max_frame_bytes) {
    return Malformed(absl::StrCat(shape.payload_bytes, " bytes of payload > max_frame_bytes ", limits.max_frame_bytes,
                                  ": send larger messages as fragments"));
  }
  return shape;
}

OutgoingMessage ToOutgoing(const v1::Message& message, std::string* scratch) {
  OutgoingMessage out{message.route(), message.correlation_id(), {}};
  if (message.has_data()) {
    out.payload = Bytes(message.data());
  } else if (message.has_text()) {
    out.payload = Bytes(message.text());
  } else if (message.has_hex()) {
    *scratch = absl::HexStringToBytes(message.hex());
    out.payload = Bytes(*scratch);
  }
  return out;
}

OutgoingMessage FrameCursor::At(const v1::Messages& frame, const FramePayload& payload, std::string* scratch) const {
  if (!frame.has_packed()) return ToOutgoing(frame.messages(static_cast<int>(index_)), scratch);
  const MessageHeader header = HeaderOf(frame);
  return {header.route, header.correlation_id, payload.View(place_, header.payload_bytes)};
}

MessageHeader FrameCursor::HeaderOf(const v1::Messages& frame) const {
  const int i = static_cast<int>(index_);
  const v1::PackedMessages& packed = frame.packed();
  MessageHeader header;
  header.payload_bytes = packed.sizes(i);
  if (packed.routes_size() > 0) header.route = packed.routes(i);
  if (packed.correlation_ids_size() > 0) header.correlation_id = packed.correlation_ids(i);
  return header;
}

MessageRun FrameCursor::RunAt(const v1::Messages& frame, const FramePayload& payload) const {
  const v1::PackedMessages& packed = frame.packed();
  MessageRun run;
  run.count = packed.sizes_size() - index_;
  run.sizes = packed.sizes().data() + index_;
  if (packed.routes_size() > 0) run.routes = packed.routes().data() + index_;
  if (packed.correlation_ids_size() > 0) run.correlation_ids = packed.correlation_ids().data() + index_;
  run.payloads = payload.Rest(place_);
  return run;
}

void FrameCursor::Next(const v1::Messages& frame, const FramePayload& payload) {
  if (frame.has_packed()) payload.Skip(PayloadBytes(frame), &place_);
  ++index_;
}

}  // namespace l3link
