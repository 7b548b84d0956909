// A descriptor taken out of shared memory, and digests of what makes a message what it is.
//
// Used by LaneProducer, LaneConsumer and their recovery.
#ifndef L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_
#define L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_

#include <cstddef>
#include <cstdint>

#include "backends/abi/channel_layout.h"

namespace l3link {

// Each word once: whatever the chip does meanwhile, the copy is all that is looked at afterwards.
inline l3_descriptor LoadDescriptor(const l3_descriptor& shared) {
  l3_descriptor copy;
  copy.sequence = l3_load_relaxed_u64(&shared.sequence);
  copy.correlation_id = l3_load_relaxed_u64(&shared.correlation_id);
  copy.payload_position = l3_load_relaxed_u64(&shared.payload_position);
  copy.payload_bytes = l3_load_relaxed_u32(&shared.payload_bytes);
  copy.route = l3_load_relaxed_u32(&shared.route);
  copy.flags = l3_load_relaxed_u32(&shared.flags);
  copy.crc32c = l3_load_relaxed_u32(&shared.crc32c);
  for (int i = 0; i < 3; ++i) copy.reserved[i] = l3_load_relaxed_u64(&shared.reserved[i]);
  return copy;
}

// Of every word but the reserved ones, continued over several descriptors. Each word has an odd factor of its own; only
// the last step waits for the descriptor before, where a CRC of all would wait for it with every word.
inline uint32_t DigestDescriptor(uint32_t digest, const l3_descriptor& descriptor) {
  uint64_t mixed = descriptor.sequence * 0x9e3779b97f4a7c15u + descriptor.correlation_id * 0xc2b2ae3d27d4eb4fu +
                   descriptor.payload_position * 0x165667b19e3779f9u +
                   (descriptor.payload_bytes | uint64_t{descriptor.route} << 32) * 0xd6e8feb86659fd93u +
                   (descriptor.flags | uint64_t{descriptor.crc32c} << 32) * 0xa0761d6478bd642fu;
  mixed ^= mixed >> 32;
  mixed = (mixed + digest) * 0xe7037ed1a0b428dbu;
  return static_cast<uint32_t>(mixed >> 32);
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_
