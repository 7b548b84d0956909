#include "backends/abi/crc32c.h"

#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace l3link {
namespace {

uint32_t BitByBit(uint32_t crc, const std::vector<uint8_t>& bytes) {
  crc = ~crc;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, AgreesWithPublishedVectors) {
  // RFC 3720, appendix B.4, and the customary check value.
  std::vector<uint8_t> zeros(32, 0), ones(32, 0xff), rising(32), falling(32);
  std::iota(rising.begin(), rising.end(), 0);
  std::iota(falling.rbegin(), falling.rend(), 0);
  EXPECT_EQ(l3_crc32c(zeros.data(), 32), 0x8a9136aau);
  EXPECT_EQ(l3_crc32c(ones.data(), 32), 0x62a8ab43u);
  EXPECT_EQ(l3_crc32c(rising.data(), 32), 0x46dd794eu);
  EXPECT_EQ(l3_crc32c(falling.data(), 32), 0x113fdb5cu);
  EXPECT_EQ(l3_crc32c("123456789", 9), 0xe3069283u);
  EXPECT_EQ(l3_crc32c("", 0), 0u);
}

TEST(Crc32cTest, TableHoldsEveryRemainder) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int row = 0; row < 4; ++row) {
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
      EXPECT_EQ(l3_crc32c_table[row][byte], crc) << "row " << row << " byte " << byte;
    }
  }
}

TEST(Crc32cTest, EveryPathAgreesAtEveryLengthAndPlace) {
  std::vector<uint8_t> bytes(100);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37 + 11);
  for (size_t at = 0; at < 9; ++at) {
    for (size_t length = 0; at + length <= bytes.size(); ++length) {
      const uint32_t expected = BitByBit(7, {bytes.begin() + at, bytes.begin() + at + length});
      EXPECT_EQ(l3_crc32c_extend_by_table(7, bytes.data() + at, length), expected);
      EXPECT_EQ(l3_crc32c_extend(7, bytes.data() + at, length), expected);
    }
  }
}

TEST(Crc32cTest, ExtendsInPieces) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const uint32_t front = l3_crc32c(text.data(), cut);
    EXPECT_EQ(l3_crc32c_extend(front, text.data() + cut, text.size() - cut), l3_crc32c(text.data(), text.size()));
  }
}

}  // namespace
}  // namespace l3link
