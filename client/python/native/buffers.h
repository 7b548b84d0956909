// Python's buffers as pointer and size, and the C++ client's messages as Python's buffers; nothing is copied.
//
// Made and ended with the GIL held. What a buffer is of stays as it is meanwhile, also without the GIL: a bytearray cannot be
// resized, an array is not freed.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_BUFFERS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_BUFFERS_H_

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "client/message.h"

namespace l3link::python {

// The memory of anything contiguous: bytes, bytearray, memoryview, array, numpy. TypeError for what is no buffer, ValueError
// for what has gaps, or may not be written to where that is needed.
class Buffer {
 public:
  enum class Access { kRead, kWrite };

  Buffer(pybind11::handle object, Access access);
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&&) = delete;

  size_t size() const { return static_cast<size_t>(view_.len); }
  std::string_view text() const { return {static_cast<const char*>(view_.buf), size()}; }
  absl::Span<char> chars() const { return {static_cast<char*>(view_.buf), size()}; }
  absl::Span<std::byte> bytes() const { return {static_cast<std::byte*>(view_.buf), size()}; }

 private:
  Py_buffer view_ = {};
};

// One message that came. Its payload lies in the frame that brought it, which lives as long as this or any view of it.
struct Message {
  std::shared_ptr<const void> owner;
  std::string_view payload;
  uint32_t route = 0;
  uint64_t correlation_id = 0;
  uint64_t sequence = 0;
  bool redelivered = false;
};

std::vector<Message> MessagesOf(const client::ReceivedBatch& batch);

void BindMessage(pybind11::module_& module);

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_BUFFERS_H_
