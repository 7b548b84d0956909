#include "server/options/nearest.h"

#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(NearestTest, DistanceCountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("listen", "listen"), 0u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("lisen", "listen"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

TEST(NearestTest, FindsTheNearestWord) {
  const NearestWord nearest = Nearest("chip", {"listen", "chips", "state-dir"});
  EXPECT_EQ(nearest.word, "chips");
  EXPECT_EQ(nearest.distance, 1u);
}

}  // namespace
}  // namespace l3link
