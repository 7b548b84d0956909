#include "client/cli/quantity.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(QuantityTest, ReadsDurationsWithAndWithoutUnit) {
  EXPECT_EQ(*ParseDurationArgument("5"), absl::Seconds(5));
  EXPECT_EQ(*ParseDurationArgument("0"), absl::ZeroDuration());
  EXPECT_EQ(*ParseDurationArgument("0.25"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseDurationArgument("200ms"), absl::Milliseconds(200));
  EXPECT_EQ(*ParseDurationArgument("1m30s"), absl::Seconds(90));
}

TEST(QuantityTest, RefusesDurationsThatNoCallCouldHave) {
  for (const char* text : {"", "soon", "-1", "-5ms", "inf", "nan", "5 s 6"}) {
    EXPECT_FALSE(ParseDurationArgument(text).ok()) << text;
  }
}

TEST(QuantityTest, ReadsByteCountsWithBinaryAndDecimalUnits) {
  EXPECT_EQ(*ParseByteCount("0"), 0u);
  EXPECT_EQ(*ParseByteCount("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(*ParseByteCount("64Ki"), 65536u);
  EXPECT_EQ(*ParseByteCount("64KiB"), 65536u);
  EXPECT_EQ(*ParseByteCount("1.5Mi"), 1572864u);
  EXPECT_EQ(*ParseByteCount("2M"), 2000000u);
  EXPECT_EQ(*ParseByteCount("10B"), 10u);
}

TEST(QuantityTest, RefusesByteCountsThatAreNone) {
  for (const char* text : {"", "Ki", "-1", "1.5", "x", "99999999999999999999", "1e30", "nan", "inf"}) {
    EXPECT_FALSE(ParseByteCount(text).ok()) << text;
  }
}

TEST(QuantityTest, FormatsForTheEye) {
  EXPECT_EQ(FormatByteCount(0), "0 B");
  EXPECT_EQ(FormatByteCount(1536), "1.5 KiB");
  EXPECT_EQ(FormatByteCount(1073741824.0), "1.0 GiB");
  EXPECT_EQ(FormatMicroseconds(12.3), "12 us");
  EXPECT_EQ(FormatMicroseconds(3400), "3.4 ms");
}

}  // namespace
}  // namespace l3link::cli
