// Messages as an application hands them over and takes them back: views, never copies.
//
// An OutgoingMessage is read before the sending call returns. A ReceivedMessage points into the frame that brought it; the
// ReceivedBatch it came from (or any copy of that batch) keeps the frame alive. Not synchronized; any thread.
#ifndef L3LINK_CLIENT_MESSAGE_H_
#define L3LINK_CLIENT_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"

namespace l3link::client {

struct OutgoingMessage {
  std::string_view payload;  // bytes, 0 to max_message_bytes
  uint32_t route = 0;
  uint64_t correlation_id = 0;
};

// Room for one message, and what came into it: the first payload_bytes of the room.
struct IncomingMessage {
  absl::Span<char> room;
  uint32_t payload_bytes = 0;
  uint32_t route = 0;
  uint64_t correlation_id = 0;
};

struct ReceivedMessage {
  std::string_view payload;
  uint32_t route = 0;
  uint64_t correlation_id = 0;
  uint64_t sequence = 0;
  bool redelivered = false;  // may have been delivered before, perhaps to another session
};

// The bytes of an array of plain values, to send or write them.
template <typename T>
std::string_view BytesOf(absl::Span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// The same, to read into.
template <typename T>
absl::Span<char> WritableBytesOf(absl::Span<T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<char*>(values.data()), values.size() * sizeof(T)};
}

// Parallel arrays of one frame, and where in them a batch begins. `sizes` has one entry a message; `routes` and
// `correlation_ids` may be null (all zero).
struct PackedView {
  const uint32_t* sizes = nullptr;
  const uint32_t* routes = nullptr;
  const uint64_t* correlation_ids = nullptr;
  const char* payload = nullptr;
  uint64_t sequence = 0;
  uint64_t redelivered_through = 0;
};

// Consecutive messages of one lane, at most one frame's worth. Cheap to move and to copy (copies share the frame).
class ReceivedBatch {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = ReceivedMessage;
    using difference_type = std::ptrdiff_t;
    using pointer = const ReceivedMessage*;
    using reference = ReceivedMessage;

    Iterator(const PackedView& at, size_t left) : at_(at), left_(left) {}
    ReceivedMessage operator*() const {
      return {{at_.payload, *at_.sizes},
              at_.routes ? *at_.routes : 0,
              at_.correlation_ids ? *at_.correlation_ids : 0,
              at_.sequence,
              at_.sequence < at_.redelivered_through};
    }
    Iterator& operator++() {
      at_.payload += *at_.sizes++;
      if (at_.routes) ++at_.routes;
      if (at_.correlation_ids) ++at_.correlation_ids;
      ++at_.sequence;
      --left_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }
    bool operator!=(const Iterator& other) const { return left_ != other.left_; }
    const PackedView& view() const { return at_; }

   private:
    PackedView at_;
    size_t left_;
  };

  ReceivedBatch() = default;
  ReceivedBatch(std::shared_ptr<const void> frame, const PackedView& view, size_t size)
      : frame_(std::move(frame)), view_(view), size_(size) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return {view_, size_}; }
  Iterator end() const { return {view_, 0}; }
  ReceivedMessage front() const { return *begin(); }

  uint64_t first_sequence() const { return view_.sequence; }
  // What to pass to Ack once all of the batch is processed.
  uint64_t through() const { return view_.sequence + size_; }

  // Takes the first `count` messages (at most size()) out of this batch; both share the frame.
  ReceivedBatch TakeFront(size_t count) {
    Iterator rest = begin();
    for (size_t i = 0; i < count; ++i) ++rest;
    ReceivedBatch front(frame_, view_, count);
    view_ = rest.view();
    size_ -= count;
    return front;
  }

 private:
  std::shared_ptr<const void> frame_;
  PackedView view_;
  size_t size_ = 0;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_MESSAGE_H_
