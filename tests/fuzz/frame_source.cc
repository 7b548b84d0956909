#include "tests/fuzz/frame_source.h"

namespace l3link::fuzz {
namespace {

void BuildPacked(FuzzInput& input, v1::PackedMessages* packed) {
  const int count = input.Byte() % 6;
  uint64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    packed->add_sizes(input.Byte() % 16 == 15 ? static_cast<uint32_t>(input.Near(sum)) : input.Byte() % 24);
    sum += packed->sizes(i);
  }
  const uint8_t how = input.Byte();
  const int routes = how % 4 == 0 ? 0 : how % 4 == 3 ? input.Byte() % 6 : count;
  const int correlation_ids = how / 4 % 4 == 0 ? 0 : how / 4 % 4 == 3 ? input.Byte() % 6 : count;
  for (int i = 0; i < routes; ++i) packed->add_routes(input.Byte());
  for (int i = 0; i < correlation_ids; ++i) packed->add_correlation_ids(input.Byte());
  const uint64_t bytes = how >= 240 ? input.Byte() : std::min<uint64_t>(sum, 4096);
  for (uint64_t i = 0; i < bytes; ++i) packed->mutable_payloads()->push_back(static_cast<char>(how + i));
}

void BuildFragment(FuzzInput& input, const FrameHint& hint, v1::Fragment* fragment) {
  const bool goes_on = hint.fragment_total > 0 && input.Byte() % 8 != 7;
  fragment->set_offset(goes_on ? hint.fragment_offset : 0);
  fragment->set_total_bytes(goes_on ? hint.fragment_total : input.Byte() % 80);
  if (input.Byte() % 16 == 15) fragment->set_offset(input.Near(fragment->offset()));
  if (input.Byte() % 16 == 15) fragment->set_total_bytes(input.Near(fragment->total_bytes()));
  fragment->set_route(input.Byte());
  fragment->set_correlation_id(input.Byte());
  fragment->set_data(input.Text(40));
}

void BuildEntries(FuzzInput& input, v1::Messages* frame) {
  for (int count = input.Byte() % 4; count > 0; --count) {
    v1::Message* message = frame->add_messages();
    switch (input.Byte() % 4) {
      case 0: message->set_data(input.Text(24)); break;
      case 1: message->set_text(input.Text(24)); break;
      case 2: message->set_hex(input.Text(8)); break;
      default: message->set_hex("00ffA5"); break;
    }
    message->set_route(input.Byte());
    message->set_correlation_id(input.Byte());
  }
}

// -1: none.
int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> BytesOfHex(const std::string& hex) {
  std::string bytes;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (size_t i = 0; i < hex.size(); i += 2) {
    if (Digit(hex[i]) < 0 || Digit(hex[i + 1]) < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(Digit(hex[i]) * 16 + Digit(hex[i + 1])));
  }
  return bytes;
}

}  // namespace

v1::Messages NextFrame(FuzzInput& input, const FrameHint& hint) {
  v1::Messages frame;
  const uint8_t how = input.Byte();
  if (how % 8 == 7) {
    (void)frame.ParsePartialFromString(input.Text(255));
    return frame;
  }
  switch (how % 8) {
    case 0:
    case 1:
    case 2: BuildPacked(input, frame.mutable_packed()); break;
    case 3:
    case 4: BuildFragment(input, hint, frame.mutable_fragment()); break;
    case 5: BuildEntries(input, &frame); break;
    default: BuildEntries(input, &frame); BuildPacked(input, frame.mutable_packed());
  }
  if (how / 8 % 8 == 7) {
    frame.set_unsequenced(true);
  } else {
    frame.set_first_sequence(hint.next_sequence - (how / 8 % 8 == 6 ? input.Byte() % 8 : 0) + (how >= 250 ? 1 : 0));
  }
  return frame;
}

std::optional<std::vector<FrameMessage>> Unpacked(const v1::PackedMessages& packed) {
  std::vector<FrameMessage> messages;
  uint64_t at = 0;
  for (int i = 0; i < packed.sizes_size(); ++i) {
    if (packed.sizes(i) > packed.payloads().size() - at) return std::nullopt;
    FrameMessage message{packed.payloads().substr(at, packed.sizes(i))};
    if (packed.routes_size() > i) message.route = packed.routes(i);
    if (packed.correlation_ids_size() > i) message.correlation_id = packed.correlation_ids(i);
    messages.push_back(std::move(message));
    at += packed.sizes(i);
  }
  const auto whole = [&](int size) { return size == 0 || size == packed.sizes_size(); };
  if (at != packed.payloads().size() || !whole(packed.routes_size()) || !whole(packed.correlation_ids_size())) {
    return std::nullopt;
  }
  return messages;
}

std::optional<std::vector<FrameMessage>> Entries(const v1::Messages& frame) {
  std::vector<FrameMessage> messages;
  for (const v1::Message& entry : frame.messages()) {
    FrameMessage message{entry.has_data() ? entry.data() : entry.text(), entry.route(), entry.correlation_id()};
    if (entry.has_hex()) {
      const std::optional<std::string> bytes = BytesOfHex(entry.hex());
      if (!bytes.has_value()) return std::nullopt;
      message.payload = *bytes;
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace l3link::fuzz
