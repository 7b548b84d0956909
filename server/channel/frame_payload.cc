#include "server/channel/frame_payload.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace l3link {

FramePayload FramePayload::Of(const v1::Messages& frame) {
  FramePayload payload;
  const std::string& bytes = frame.has_fragment() ? frame.fragment().data() : frame.packed().payloads();
  payload.Add({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
  return payload;
}

void FramePayload::Clear() {
  pieces_.clear();
  size_ = 0;
  owner_.reset();
}

void FramePayload::Add(absl::Span<const std::byte> piece) {
  if (piece.empty()) return;
  pieces_.push_back(piece);
  size_ += piece.size();
}

void FramePayload::Copy(Place place, uint64_t n, std::byte* to) const {
  while (n > 0) {
    const absl::Span<const std::byte> rest = pieces_[place.piece].subspan(place.offset, n);
    std::memcpy(to, rest.data(), rest.size());
    to += rest.size();
    n -= rest.size();
    Skip(rest.size(), &place);
  }
}

}  // namespace l3link
