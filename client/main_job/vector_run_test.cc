#include "client/main_job/vector_run.h"

#include <gtest/gtest.h>

#include <limits>

namespace l3link::main_job {
namespace {

TEST(VectorRunTest, FillsWithDifferentValuesThatRepeatForASeed) {
  std::vector<float> first(1000), again(1000), other(1000);
  FillVector(1, &first);
  FillVector(1, &again);
  FillVector(2, &other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  for (float value : first) EXPECT_LT(std::abs(value), 1000.0F);
}

TEST(VectorRunTest, CountsEveryElementThatIsNotTheSum) {
  const std::vector<float> a = {1, 2, 3}, b = {10, 20, 30};
  std::string fault;
  EXPECT_EQ(CheckSum(a, b, {11, 22, 33}, &fault), 0u);
  EXPECT_EQ(fault, "");
  EXPECT_EQ(CheckSum(a, b, {11, 0, std::numeric_limits<float>::quiet_NaN()}, &fault), 2u);
  EXPECT_EQ(fault, "element 1: 2 + 20 came back as 0");
}

TEST(VectorRunTest, RegionHoldsThreeVectors) { EXPECT_EQ(VectorRegionBytes(1 << 20), 12u << 20); }

}  // namespace
}  // namespace l3link::main_job
