#include "backends/sim/chip/seeded_payload.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace l3link {
namespace {

std::vector<uint8_t> Seeded(uint64_t seed, uint32_t lane, uint64_t sequence, size_t bytes) {
  std::vector<uint8_t> payload(bytes);
  FillSeededPayload(seed, lane, sequence, absl::MakeSpan(payload));
  return payload;
}

TEST(SeededPayloadTest, BeginsWithTheSequenceLittleEndian) {
  const std::vector<uint8_t> payload = Seeded(1, 2, 0x0102030405060708, 12);
  EXPECT_EQ(std::vector<uint8_t>(payload.begin(), payload.begin() + 8), (std::vector<uint8_t>{8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST(SeededPayloadTest, IsWhatItFilledAtEveryLength) {
  for (size_t bytes = 0; bytes < 70; ++bytes) {
    std::vector<uint8_t> payload = Seeded(9, 3, 1000, bytes);
    EXPECT_TRUE(IsSeededPayload(9, 3, 1000, payload));
    if (bytes == 0) continue;
    EXPECT_FALSE(IsSeededPayload(9, 3, 1001, payload));
    payload[bytes - 1] ^= 0x80;
    EXPECT_FALSE(IsSeededPayload(9, 3, 1000, payload));
  }
}

TEST(SeededPayloadTest, DiffersBySeedLaneAndSequence) {
  std::set<std::vector<uint8_t>> bodies;
  for (uint64_t seed : {1, 2})
    for (uint32_t lane : {0, 1, 7})
      for (uint64_t sequence : {0, 1, 65536}) {
        const std::vector<uint8_t> payload = Seeded(seed, lane, sequence, 24);
        bodies.insert({payload.begin() + 8, payload.end()});
      }
  EXPECT_EQ(bodies.size(), 18u);
}

}  // namespace
}  // namespace l3link
