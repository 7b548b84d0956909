// The payload bytes of a messages frame where its transport left them: in pieces, in order.
//
// Views only, until it is told who owns them. Not synchronized.
#ifndef L3LINK_SERVER_CHANNEL_FRAME_PAYLOAD_H_
#define L3LINK_SERVER_CHANNEL_FRAME_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

class FramePayload {
 public:
  struct Place {
    size_t piece = 0;
    size_t offset = 0;
  };

  // Of a packed or fragment frame that holds its own payload; valid as long as that is, also once it was swapped.
  static FramePayload Of(const v1::Messages& frame);

  void Clear();
  void Add(absl::Span<const std::byte> piece);
  // Keeps the pieces alive as long as this or a copy lives.
  void set_owner(std::shared_ptr<const void> owner) { owner_ = std::move(owner); }

  uint64_t size() const { return size_; }

  // The `n` bytes at `place` lie in one piece.
  bool InOnePiece(Place place, uint64_t n) const {
    return n == 0 || (place.piece < pieces_.size() && n <= pieces_[place.piece].size() - place.offset);
  }
  absl::Span<const std::byte> View(Place place, uint64_t n) const {
    return n == 0 ? absl::Span<const std::byte>() : pieces_[place.piece].subspan(place.offset, n);
  }
  // What is left of the piece at `place`; none behind the last one.
  absl::Span<const std::byte> Rest(Place place) const {
    if (place.piece == pieces_.size()) return {};
    return pieces_[place.piece].subspan(place.offset);
  }
  // Bytes beyond size() are the caller's bug.
  void Copy(Place place, uint64_t n, std::byte* to) const;
  void Skip(uint64_t n, Place* place) const {
    place->offset += n;
    while (place->piece < pieces_.size() && place->offset >= pieces_[place->piece].size()) {
      place->offset -= pieces_[place->piece++].size();
    }
  }

 private:
  absl::InlinedVector<absl::Span<const std::byte>, 2> pieces_;  // none empty
  uint64_t size_ = 0;
  std::shared_ptr<const void> owner_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_FRAME_PAYLOAD_H_
