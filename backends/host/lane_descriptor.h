// A descriptor taken out of shared memory, and digests of what makes a message what it is.
//
// Used by LaneProducer, LaneConsumer and their recovery.
#ifndef L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_
#define L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_

#include <cstddef>
#include <cstdint>

#include "backends/abi/channel_layout.h"
#include "backends/abi/crc32c.h"

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

// Field by field, from registers, for the same reason as below. Plain: nobody looks here before a release.
inline void StoreDescriptor(const l3_descriptor& descriptor, l3_descriptor* shared) {
  shared->sequence = descriptor.sequence;
  shared->correlation_id = descriptor.correlation_id;
  shared->payload_position = descriptor.payload_position;
  shared->payload_bytes = descriptor.payload_bytes;
  shared->route = descriptor.route;
  shared->flags = descriptor.flags;
  shared->crc32c = descriptor.crc32c;
  for (uint64_t& word : shared->reserved) word = 0;
}

// Has the line of `at` fetched from the other side's cache, to be written soon.
inline void FetchToWrite(const void* at) {
#if defined(__x86_64__)
  asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(at)));
#else
  __builtin_prefetch(at, 1);
#endif
}

// Of every word but the reserved ones, continued over several descriptors. Halves are put together in registers: memory
// that was just stored in halves cannot be loaded as a whole before all stores have left the processor.
inline uint32_t DigestDescriptor(uint32_t digest, const l3_descriptor& descriptor) {
  const uint64_t words[] = {descriptor.sequence, descriptor.correlation_id, descriptor.payload_position,
                            descriptor.payload_bytes | uint64_t{descriptor.route} << 32,
                            descriptor.flags | uint64_t{descriptor.crc32c} << 32};
  static_assert(sizeof(words) == offsetof(l3_descriptor, reserved));
  return l3_crc32c_extend(digest, words, sizeof(words));
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_LANE_DESCRIPTOR_H_
