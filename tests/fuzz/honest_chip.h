// A chip that does as the ABI says, on the memory of one chip_to_host lane, by hand.
#ifndef L3LINK_TESTS_FUZZ_HONEST_CHIP_H_
#define L3LINK_TESTS_FUZZ_HONEST_CHIP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "backends/abi/channel_layout.h"
#include "backends/abi/crc32c.h"
#include "backends/host/lane_geometry.h"

namespace l3link::fuzz {

struct Message {
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  std::string payload;

  bool operator==(const Message&) const = default;
};

class HonestChip {
 public:
  HonestChip(const LaneGeometry& geometry, std::byte* lane) : geometry_(geometry), lane_(lane) {}

  // Publishes the message and rings, if there is room for it behind what the host has acknowledged.
  void Give(Message message, uint64_t acked) {
    const uint64_t sequence = given_.size(), size = message.payload.size();
    if (acked > sequence) return;  // somebody else's lies were believed: it cannot go on
    const uint64_t position = l3_payload_position(EndBefore(sequence), size, geometry_.ring_bytes, geometry_.alignment);
    if (sequence - acked >= geometry_.lane_depth || position + size - EndBefore(acked) > geometry_.ring_bytes) return;
    message.payload.copy(reinterpret_cast<char*>(lane_) + ring_at() + position % geometry_.ring_bytes, size);
    l3_descriptor& descriptor = slot(sequence);
    descriptor = {};
    descriptor.sequence = sequence;
    descriptor.correlation_id = message.correlation_id;
    descriptor.payload_position = position;
    descriptor.payload_bytes = static_cast<uint32_t>(size);
    descriptor.route = message.route;
    if (geometry_.checksum) descriptor.crc32c = l3_crc32c(message.payload.data(), size);
    ends_.push_back(position + size);
    given_.push_back(std::move(message));
    auto& line = *reinterpret_cast<l3_producer_line*>(lane_);
    line.tail = given_.size();
    ++line.rung;
  }

  const std::vector<Message>& given() const { return given_; }
  size_t ring_at() const { return l3_lane_ring_at(geometry_.lane_depth); }
  l3_descriptor& slot(uint64_t sequence) {
    auto* slots = reinterpret_cast<l3_descriptor*>(lane_ + L3_LANE_DESCRIPTORS_AT);
    return slots[sequence % (2 * uint64_t{geometry_.lane_depth})];
  }

 private:
  uint64_t EndBefore(uint64_t sequence) const { return sequence == 0 ? 0 : ends_[sequence - 1]; }

  const LaneGeometry geometry_;
  std::byte* const lane_;
  std::vector<Message> given_;
  std::vector<uint64_t> ends_;  // of their payloads
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_HONEST_CHIP_H_
