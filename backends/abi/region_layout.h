/* A region in the arena: its shape, signals, and plain data.
 *
 *  region offset
 *        0  +---------------------------------------+
 *           | shape      written once by the host   |
 *      128  +---------------------------------------+
 *           | host line: rung, seen                 |
 *      256  +---------------------------------------+
 *           | chip line: rung, seen                 |
 *      384  +---------------------------------------+
 *           | writers    one byte a signal          |
 * signals_at+---------------------------------------+   a multiple of 64
 *           | signals    one line of 64 bytes each  |
 *  data_at  +---------------------------------------+   a page
 *           | data_bytes of data                    |
 *           +---------------------------------------+
 *
 * Data written before a signal's store (release) is visible to whoever loads the new value (acquire). */
#ifndef L3LINK_BACKENDS_ABI_REGION_LAYOUT_H_
#define L3LINK_BACKENDS_ABI_REGION_LAYOUT_H_

#include "backends/abi/base.h"

/* Who changes a signal. ADD and MAX on one that both change need an atomic the two sides share. */
enum { L3_WRITER_HOST = 1, L3_WRITER_CHIP = 2, L3_WRITER_BOTH = 3 };
enum { L3_NOTIFY_SET = 1, L3_NOTIFY_ADD = 2, L3_NOTIFY_MAX = 3 };
enum { L3_GE = 1, L3_GT = 2, L3_EQ = 3, L3_NE = 4, L3_LE = 5, L3_LT = 6 };

struct l3_region_shape {
  uint64_t generation; /* as in the directory */
  uint64_t data_bytes;
  uint64_t data_at;    /* from the region's offset */
  uint64_t signals_at; /* from the region's offset */
  uint32_t signal_count;
  uint32_t flags; /* none yet: 0 */
  uint8_t reserved[L3_LINE_BYTES - 40];
};

struct l3_region_line {
  uint32_t rung; /* how often this side told the other to look */
  uint32_t seen; /* the other side's `rung` as this side last saw it */
  uint8_t reserved[L3_LINE_BYTES - 8];
};

struct l3_signal {
  uint64_t value;
  uint8_t reserved[56];
};

struct l3_region_head {
  struct l3_region_shape shape;
  struct l3_region_line host;
  struct l3_region_line chip;
};

#define L3_REGION_WRITERS_AT 384u

L3_STATIC_ASSERT(sizeof(struct l3_region_shape) == 128, "shape");
L3_STATIC_ASSERT(sizeof(struct l3_region_line) == 128, "line");
L3_STATIC_ASSERT(sizeof(struct l3_region_head) == L3_REGION_WRITERS_AT, "head");
L3_STATIC_ASSERT(sizeof(struct l3_signal) == 64, "signal");

static inline uint64_t l3_region_signals_at(uint32_t signal_count) {
  return l3_align_up(L3_REGION_WRITERS_AT + (uint64_t)signal_count, sizeof(struct l3_signal));
}

static inline uint64_t l3_region_data_at(uint32_t signal_count) {
  return l3_align_up(l3_region_signals_at(signal_count) + (uint64_t)signal_count * sizeof(struct l3_signal),
                     L3_PAGE_BYTES);
}

static inline int l3_compare(uint64_t value, uint32_t comparison, uint64_t target) {
  switch (comparison) {
    case L3_GT: return value > target;
    case L3_EQ: return value == target;
    case L3_NE: return value != target;
    case L3_LE: return value <= target;
    case L3_LT: return value < target;
    default: return value >= target;
  }
}

#endif /* L3LINK_BACKENDS_ABI_REGION_LAYOUT_H_ */
