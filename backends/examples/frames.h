/* The region of pipeline.c, for it and for hosts.
 *
 *   data                                                          signals
 *     0                         input of frame 0, 4, 8, ...         FRAMES_READY   the host's: how many frames it has written
 *     FRAME_BYTES               input of frame 1, 5, ...            FRAMES_DONE    the chip's: how many it has answered
 *     ...                       FRAME_SLOTS of them
 *     FRAME_SLOTS * FRAME_BYTES outputs, in the same way
 *
 * The host may write frame n when FRAMES_DONE > n - FRAME_SLOTS and it has read that frame's output: so up to FRAME_SLOTS are under
 * way, and neither side waits for the other while there are some. */
#ifndef L3LINK_BACKENDS_EXAMPLES_FRAMES_H_
#define L3LINK_BACKENDS_EXAMPLES_FRAMES_H_

#include <stdint.h>

enum { FRAMES_READY = 0, FRAMES_DONE = 1, FRAME_SIGNALS = 2 };
enum {
  FRAME_VALUES = 256,
  FRAME_SLOTS = 4,
  FRAME_BYTES = FRAME_VALUES * 4,
  FRAMES_BYTES = 2 * FRAME_SLOTS * FRAME_BYTES
};

static inline uint64_t frame_input_at(uint64_t frame) { return frame % FRAME_SLOTS * FRAME_BYTES; }
static inline uint64_t frame_output_at(uint64_t frame) { return (FRAME_SLOTS + frame % FRAME_SLOTS) * FRAME_BYTES; }

#endif /* L3LINK_BACKENDS_EXAMPLES_FRAMES_H_ */
