#include "backends/host/payload_crc.h"

#include <array>
#include <cstring>

#include "backends/abi/crc32c.h"

namespace l3link {
namespace {

// The processor's instruction takes three cycles, and may begin in each: so three stretches of a payload are worked on at a
// time. The sum of a row of them is that of the first, as it were with zeros behind it for as long as the others are, and so
// on; what zeros do is linear in the bits of the sum.
constexpr size_t kStretch = 64;

using ShiftTable = std::array<std::array<uint32_t, 256>, 4>;  // for each byte of a sum

constexpr uint32_t BehindZeros(uint32_t sum, size_t bytes) {
  for (size_t bit = 0; bit < 8 * bytes; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82f63b78u : 0);
  return sum;
}

constexpr ShiftTable MakeShiftTable() {
  ShiftTable table{};
  for (uint32_t row = 0; row < 4; ++row) {
    for (uint32_t bit = 1; bit < 256; bit *= 2) {
      table[row][bit] = BehindZeros(bit << (8 * row), kStretch);
      for (uint32_t lower = 1; lower < bit; ++lower) table[row][bit + lower] = table[row][bit] ^ table[row][lower];
    }
  }
  return table;
}

constexpr ShiftTable kShift = MakeShiftTable();

inline uint32_t Shift(uint32_t sum) {
  return kShift[0][sum & 255] ^ kShift[1][(sum >> 8) & 255] ^ kShift[2][(sum >> 16) & 255] ^ kShift[3][sum >> 24];
}

#if L3_CRC32C_INSTRUCTION
inline uint64_t WordAt(const std::byte* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Of whole rows of three stretches, and how many bytes that were.
L3_CRC32C_TARGET uint32_t ExtendByRows(uint32_t crc, absl::Span<const std::byte> bytes, size_t* done) {
  uint32_t first = ~crc;
  for (*done = 0; bytes.size() - *done >= 3 * kStretch; *done += 3 * kStretch) {
    const std::byte* const at = bytes.data() + *done;
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < kStretch; i += 8) {
      first = L3_CRC32C_STEP8(first, WordAt(at + i));
      second = L3_CRC32C_STEP8(second, WordAt(at + kStretch + i));
      third = L3_CRC32C_STEP8(third, WordAt(at + 2 * kStretch + i));
    }
    first = Shift(Shift(first) ^ second) ^ third;
  }
  return ~first;
}
#endif

}  // namespace

uint32_t ExtendPayloadCrc(uint32_t crc, absl::Span<const std::byte> bytes) {
#if L3_CRC32C_INSTRUCTION
  if (bytes.size() >= 3 * kStretch && l3_crc32c_has_instruction()) {
    size_t done;
    crc = ExtendByRows(crc, bytes, &done);
    bytes.remove_prefix(done);
  }
#endif
  return l3_crc32c_extend(crc, bytes.data(), bytes.size());
}

}  // namespace l3link
