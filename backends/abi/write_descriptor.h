/* Writing a message's descriptor into its slot, in as few stores as can be.
 *
 * The slot's line was last read by the other side. x86 keeps stores to such a line until it is its own, and all later stores
 * behind them, in room for few: how many small messages a second go into a lane depends on how many stores each takes. Used by
 * both sides, by whoever sends; before the release of tail nobody looks. */
#ifndef L3LINK_BACKENDS_ABI_WRITE_DESCRIPTOR_H_
#define L3LINK_BACKENDS_ABI_WRITE_DESCRIPTOR_H_

#include "backends/abi/channel_layout.h"

L3_STATIC_ASSERT(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "halves of a word");

/* Aligned as an arena is: to 8. */
typedef uint64_t l3_word_pair __attribute__((vector_size(16), may_alias, aligned(8)));

static inline uint64_t l3_joined(uint32_t low, uint32_t high) { return low | (uint64_t)high << 32; }

/* From registers, where the compiler has put *descriptor: its halves, stored apart, are never loaded as one. Reserved words
 * are 0. */
static inline void l3_write_descriptor(const struct l3_descriptor* descriptor, struct l3_descriptor* slot) {
  l3_word_pair* pairs = (l3_word_pair*)slot;
  l3_word_pair numbers = {descriptor->sequence, descriptor->correlation_id};
  l3_word_pair payload = {descriptor->payload_position, l3_joined(descriptor->payload_bytes, descriptor->route)};
  l3_word_pair checks = {l3_joined(descriptor->flags, descriptor->crc32c), 0};
  l3_word_pair nothing = {0, 0};
  pairs[0] = numbers;
  pairs[1] = payload;
  pairs[2] = checks;
  pairs[3] = nothing;
}

#endif /* L3LINK_BACKENDS_ABI_WRITE_DESCRIPTOR_H_ */
