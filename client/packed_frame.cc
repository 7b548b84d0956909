#include "client/packed_frame.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace l3link::client {
namespace {

// A parallel array is left out as long as all of it is zero, and filled up when the first other value comes. `index` messages
// are there already.
template <typename Field, typename ValueOf>
void AppendUnlessZero(Field& field, absl::Span<const OutgoingMessage> messages, int index, ValueOf value_of) {
  const int count = static_cast<int>(messages.size());
  if (field.empty()) {
    if (std::all_of(messages.begin(), messages.end(), [&](const auto& message) { return value_of(message) == 0; })) {
      return;
    }
    field.Resize(index, 0);
  }
  field.Reserve(index + count);
  std::transform(messages.begin(), messages.end(), field.AddNAlreadyReserved(count), value_of);
}

v1::PackedMessages& PackedOf(v1::StreamRequest& frame) { return *frame.mutable_messages()->mutable_packed(); }

}  // namespace

RequestFrame NewPackedFrame(uint64_t first_sequence) {
  auto frame = std::make_shared<v1::StreamRequest>();
  frame->mutable_messages()->set_first_sequence(first_sequence);
  PackedOf(*frame);
  return frame;
}

void RecyclePackedFrame(v1::StreamRequest& frame, uint64_t first_sequence) {
  frame.mutable_messages()->set_first_sequence(first_sequence);
  v1::PackedMessages& packed = PackedOf(frame);
  packed.mutable_sizes()->Clear();
  packed.mutable_routes()->Clear();
  packed.mutable_correlation_ids()->Clear();
  packed.mutable_payloads()->clear();
}

void AppendMessages(v1::StreamRequest& frame, absl::Span<const OutgoingMessage> messages) {
  v1::PackedMessages& packed = PackedOf(frame);
  const int index = packed.sizes_size();
  const int count = static_cast<int>(messages.size());
  packed.mutable_sizes()->Reserve(index + count);
  std::transform(messages.begin(), messages.end(), packed.mutable_sizes()->AddNAlreadyReserved(count),
                 [](const OutgoingMessage& message) { return static_cast<uint32_t>(message.payload.size()); });
  AppendUnlessZero(*packed.mutable_routes(), messages, index, [](const auto& message) { return message.route; });
  AppendUnlessZero(*packed.mutable_correlation_ids(), messages, index,
                   [](const auto& message) { return message.correlation_id; });
  std::string& payloads = *packed.mutable_payloads();
  for (const OutgoingMessage& message : messages) payloads.append(message.payload);
}

RequestFrame SlicePackedFrame(const v1::StreamRequest& frame, size_t begin, size_t end) {
  const v1::PackedMessages& from = frame.messages().packed();
  const uint32_t* sizes = from.sizes().data();
  const uint64_t skipped = std::accumulate(sizes, sizes + begin, uint64_t{0});
  const uint64_t bytes = std::accumulate(sizes + begin, sizes + end, uint64_t{0});
  RequestFrame slice = NewPackedFrame(frame.messages().first_sequence() + begin);
  v1::PackedMessages& to = PackedOf(*slice);
  to.mutable_sizes()->Add(from.sizes().begin() + begin, from.sizes().begin() + end);
  if (!from.routes().empty()) {
    to.mutable_routes()->Add(from.routes().begin() + begin, from.routes().begin() + end);
  }
  if (!from.correlation_ids().empty()) {
    to.mutable_correlation_ids()->Add(from.correlation_ids().begin() + begin, from.correlation_ids().begin() + end);
  }
  to.mutable_payloads()->assign(from.payloads(), skipped, bytes);
  return slice;
}

RequestFrame NewFragment(uint64_t sequence, const OutgoingMessage& message, uint64_t offset, std::string_view piece) {
  auto frame = std::make_shared<v1::StreamRequest>();
  frame->mutable_messages()->set_first_sequence(sequence);
  v1::Fragment& fragment = *frame->mutable_messages()->mutable_fragment();
  fragment.set_offset(offset);
  fragment.set_total_bytes(message.payload.size());
  fragment.set_route(message.route);
  fragment.set_correlation_id(message.correlation_id);
  fragment.mutable_data()->assign(piece);
  return frame;
}

}  // namespace l3link::client
