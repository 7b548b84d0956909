/* CRC-32C (Castagnoli; RFC 3720, section 12.1) of a payload, for both sides.
 *
 * Takes the processor's instruction where the compiler may emit it (x86-64 built for SSE4.2, aarch64 built with +crc).
 * Elsewhere on x86-64 a hosted build asks the processor; a freestanding one is built for what it has. Otherwise: four
 * look-ups for four bytes. Pure functions, any thread. */
#ifndef L3LINK_BACKENDS_ABI_CRC32C_H_
#define L3LINK_BACKENDS_ABI_CRC32C_H_

#include <stddef.h>
#include <stdint.h>

#include "backends/abi/crc32c_table.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define L3_CRC32C_INSTRUCTION 1
#define L3_CRC32C_TARGET
#define L3_CRC32C_STEP8(crc, word) __crc32cd(crc, word)
#define L3_CRC32C_STEP1(crc, byte) __crc32cb(crc, byte)
#elif defined(__x86_64__) && (defined(__SSE4_2__) || __STDC_HOSTED__)
#define L3_CRC32C_INSTRUCTION 1
#define L3_CRC32C_TARGET __attribute__((target("sse4.2")))
#define L3_CRC32C_STEP8(crc, word) ((uint32_t)__builtin_ia32_crc32di(crc, word))
#define L3_CRC32C_STEP1(crc, byte) __builtin_ia32_crc32qi(crc, byte)
#else
#define L3_CRC32C_INSTRUCTION 0
#endif

/* Continues `crc`, the result for the bytes before (0 for none), over `bytes` more, by table. */
static inline uint32_t l3_crc32c_extend_by_table(uint32_t crc, const void* data, size_t bytes) {
  const uint8_t* next = (const uint8_t*)data;
  crc = ~crc;
  for (; bytes >= 4; bytes -= 4, next += 4) {
    crc ^= (uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16 | (uint32_t)next[3] << 24;
    crc = l3_crc32c_table[3][crc & 255] ^ l3_crc32c_table[2][(crc >> 8) & 255] ^ l3_crc32c_table[1][(crc >> 16) & 255] ^
          l3_crc32c_table[0][crc >> 24];
  }
  for (; bytes > 0; --bytes, ++next) crc = (crc >> 8) ^ l3_crc32c_table[0][(crc ^ *next) & 255];
  return ~crc;
}

#if L3_CRC32C_INSTRUCTION
/* The same with the processor's instruction. Call only where it exists: l3_crc32c_has_instruction(). */
L3_CRC32C_TARGET static inline uint32_t l3_crc32c_extend_by_instruction(uint32_t crc, const void* data, size_t bytes) {
  const uint8_t* next = (const uint8_t*)data;
  crc = ~crc;
  for (; bytes >= 8; bytes -= 8, next += 8) {
    uint64_t word;
    __builtin_memcpy(&word, next, 8);
    crc = L3_CRC32C_STEP8(crc, word);
  }
  for (; bytes > 0; --bytes, ++next) crc = L3_CRC32C_STEP1(crc, *next);
  return ~crc;
}
#endif

static inline int l3_crc32c_has_instruction(void) {
#if !L3_CRC32C_INSTRUCTION
  return 0;
#elif defined(__aarch64__) || defined(__SSE4_2__)
  return 1;
#else
  return __builtin_cpu_supports("sse4.2") != 0;
#endif
}

static inline uint32_t l3_crc32c_extend(uint32_t crc, const void* data, size_t bytes) {
#if L3_CRC32C_INSTRUCTION
  if (l3_crc32c_has_instruction()) return l3_crc32c_extend_by_instruction(crc, data, bytes);
#endif
  return l3_crc32c_extend_by_table(crc, data, bytes);
}

static inline uint32_t l3_crc32c(const void* data, size_t bytes) { return l3_crc32c_extend(0, data, bytes); }

#endif /* L3LINK_BACKENDS_ABI_CRC32C_H_ */
