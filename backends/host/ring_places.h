// Where positions of a payload ring, which only ever grow, lie in its memory; without a division while they stay in one lap.
//
// Used by LaneProducer and LaneConsumer, each with its own. l3_payload_position is the rule.
#ifndef L3LINK_BACKENDS_HOST_RING_PLACES_H_
#define L3LINK_BACKENDS_HOST_RING_PLACES_H_

#include <cstdint>

#include "backends/abi/base.h"

namespace l3link {

class RingPlaces {
 public:
  RingPlaces(uint64_t ring_bytes, uint32_t alignment) : ring_bytes_(ring_bytes), alignment_(alignment) {}

  // Bytes from the ring's first.
  uint64_t PlaceOf(uint64_t position) {
    if (position - lap_ >= ring_bytes_) lap_ = position - position % ring_bytes_;
    return position - lap_;
  }

  // Where the payload behind `previous_end` begins.
  uint64_t PositionAfter(uint64_t previous_end, uint64_t payload_bytes) {
    const uint64_t position = l3_align_up(previous_end, alignment_);
    const uint64_t place = PlaceOf(position);
    return place + payload_bytes > ring_bytes_ ? position + (ring_bytes_ - place) : position;
  }

 private:
  uint64_t ring_bytes_;
  uint32_t alignment_;
  uint64_t lap_ = 0;  // position of the ring's first byte, this time round
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_RING_PLACES_H_
