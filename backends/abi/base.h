/* The words every header of the shared-memory contract uses: line size, directions, and one load or store a field.
 *
 * Included by both sides. Compiles as C11 and as C++20, freestanding. Shared words are plain fixed-width fields that
 * are only ever touched through the calls below: _Atomic is not C++, and std::atomic is not C. */
#ifndef L3LINK_BACKENDS_ABI_BASE_H_
#define L3LINK_BACKENDS_ABI_BASE_H_

#include <stddef.h>
#include <stdint.h>

#define L3_ABI_VERSION 2u

/* Words with different writers lie at least this far apart: two cache lines, since neighbours are fetched in pairs. */
#define L3_LINE_BYTES 128u

/* Objects and lanes begin on a page, so that their memory can be given back. */
#define L3_PAGE_BYTES 4096u

enum { L3_HOST_TO_CHIP = 0, L3_CHIP_TO_HOST = 1, L3_DIRECTIONS = 2 };

#ifdef __cplusplus
#define L3_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define L3_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

static inline uint32_t l3_load_relaxed_u32(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline uint32_t l3_load_acquire_u32(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void l3_store_relaxed_u32(uint32_t* word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline void l3_store_release_u32(uint32_t* word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline uint64_t l3_load_relaxed_u64(const uint64_t* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline uint64_t l3_load_acquire_u64(const uint64_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void l3_store_relaxed_u64(uint64_t* word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline void l3_store_release_u64(uint64_t* word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
/* An arena may be the memory of a device, mapped by a host of aarch64: as Normal non-cacheable memory, which is outer
 * shareable. The fences of the language order only the inner shareable domain there (dmb ish), so that the device could see
 * stores on either side of one in the wrong order; these reach the device. Stores with release and loads with acquire need
 * nothing more: stlr and ldar hold in the domain of the address. */
#if defined(__aarch64__)
static inline void l3_fence_full(void) { __asm__ volatile("dmb osh" ::: "memory"); }
static inline void l3_fence_acquire(void) { __asm__ volatile("dmb oshld" ::: "memory"); }
static inline void l3_fence_release(void) { __asm__ volatile("dmb osh" ::: "memory"); }
#else
static inline void l3_fence_full(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void l3_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
static inline void l3_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }
#endif

/* value rounded up to a multiple of alignment, a power of two. The caller has made sure it does not overflow. */
static inline uint64_t l3_align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

#endif /* L3LINK_BACKENDS_ABI_BASE_H_ */
