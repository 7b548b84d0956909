#include "backends/host/ring_places.h"

#include <random>

#include "backends/abi/channel_layout.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(RingPlacesTest, AgreesWithTheRuleForwardsAndBack) {
  std::mt19937_64 random(7);
  for (const uint64_t ring_bytes : {uint64_t{64}, uint64_t{192}, uint64_t{4096}, uint64_t{1} << 20}) {
    RingPlaces places(ring_bytes, 64);
    uint64_t end = 0;
    for (int i = 0; i < 10'000; ++i) {
      const uint64_t bytes = random() % (ring_bytes / 2 + 1);
      const uint64_t position = places.PositionAfter(end, bytes);
      ASSERT_EQ(position, l3_payload_position(end, bytes, ring_bytes, 64)) << "behind " << end;
      ASSERT_EQ(places.PlaceOf(position), position % ring_bytes);
      if (i % 7 == 0) {
        const uint64_t earlier = position - random() % (position + 1);
        ASSERT_EQ(places.PlaceOf(earlier), earlier % ring_bytes);
      }
      end = position + bytes + (i % 1000 == 0 ? random() >> 20 : 0);
    }
  }
}

}  // namespace
}  // namespace l3link
