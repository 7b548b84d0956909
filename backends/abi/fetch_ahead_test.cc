#include "backends/abi/fetch_ahead.h"

#include <gtest/gtest.h>

#include <set>

namespace {

std::set<const void*> fetched;
void Note(const void* at) { fetched.insert(at); }

// Messages of one size, one behind the other: every line of the ring is fetched before its turn comes, and nothing outside.
TEST(FetchAheadTest, FetchesEveryLineBehindTheMessageAtHand) {
  static uint8_t memory[64 * 256];
  for (const uint64_t bytes : {24u, 64u, 72u, 200u, 256u}) {
    const uint64_t ring_bytes = 64 * bytes;
    fetched.clear();
    for (uint64_t place = 0; place < ring_bytes; place += bytes)
      l3_fetch_payload_ahead(memory, ring_bytes, place, bytes, Note);
    for (uint64_t line = 0; line < ring_bytes; line += 64) {
      const auto at = fetched.lower_bound(memory + line);
      EXPECT_TRUE(at != fetched.end() && *at < memory + line + 64) << "bytes " << bytes << ", line at " << line;
    }
    EXPECT_GE(*fetched.begin(), memory);
    EXPECT_LT(*fetched.rbegin(), memory + ring_bytes);
  }
}

TEST(FetchAheadTest, LeavesLargePayloadsAndTinyRingsAlone) {
  static uint8_t ring[4096];
  fetched.clear();
  l3_fetch_payload_ahead(ring, sizeof(ring), 0, L3_AHEAD_LARGEST + 1, Note);
  l3_fetch_payload_ahead(ring, 128, 64, 64, Note);
  EXPECT_TRUE(fetched.empty());
  l3_fetch_payload_ahead(ring, 1024, 960, 64, Note);
  EXPECT_EQ(fetched, std::set<const void*>{ring + 448}) << "round the end";
}

}  // namespace
