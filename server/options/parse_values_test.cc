#include "server/options/parse_values.h"

#include "gtest/gtest.h"

namespace l3link {
namespace {

constexpr uint64_t kMost = uint64_t{1} << 40;

TEST(ParseValuesTest, BytesTakeBinaryUnits) {
  const struct {
    const char* text;
    uint64_t bytes;
  } rows[] = {{"4096", 4096}, {"64KiB", 65536}, {"64k", 65536}, {"512 MiB", 512u << 20}, {"1G", 1u << 30}, {"7B", 7}};
  for (const auto& row : rows) EXPECT_EQ(ParseBytes(row.text, 1, kMost).value_or(0), row.bytes) << row.text;
}

TEST(ParseValuesTest, BytesRefuseWhatIsNoSizeOrOutOfRange) {
  for (const char* text : {"", "x", "-1", "1.5G", "10XB", "0", "99999999999999999999", "18446744073709551615G", "2T"}) {
    EXPECT_FALSE(ParseBytes(text, 1, kMost).ok()) << text;
  }
  EXPECT_EQ(ParseBytes("x", 1, 9).status().message(),
            "'x' is not a size from 1 to 9 bytes, such as 65536, 64KiB or 1GiB");
}

TEST(ParseValuesTest, TimesAreBounded) {
  EXPECT_EQ(*ParseTime("1m30s", absl::Seconds(1), absl::Minutes(10)), absl::Seconds(90));
  for (const char* text : {"", "30", "11m", "999ms", "inf", "-5s"}) {
    EXPECT_FALSE(ParseTime(text, absl::Seconds(1), absl::Minutes(10)).ok()) << text;
  }
}

TEST(ParseValuesTest, PlatformsHaveCounts) {
  EXPECT_EQ(*ParsePlatforms("a2a3sim=2,a5=1", 1), (std::vector<PlatformCount>{{"a2a3sim", 2}, {"a5", 1}}));
  EXPECT_EQ(*ParsePlatforms("a2a3sim", 3), (std::vector<PlatformCount>{{"a2a3sim", 3}}));
  for (const char* text : {"", "a5=", "=2", "a5=0", "a5=65", "a5=x", "a5,,a5"}) {
    EXPECT_FALSE(ParsePlatforms(text, 1).ok()) << text;
  }
}

TEST(ParseValuesTest, ListenAddressesTellLoopback) {
  const struct {
    const char* text;
    bool loopback;
  } rows[] = {{"127.0.0.1:0", true}, {"127.9.9.9:1", true}, {"localhost:50051", true}, {"[::1]:5", true},
              {"0.0.0.0:0", false},  {"[::]:0", false},     {"10.0.0.1:65535", false}, {"host.example:1", false}};
  for (const auto& row : rows) {
    absl::StatusOr<ListenAddress> address = ParseListen(row.text);
    ASSERT_TRUE(address.ok()) << row.text;
    EXPECT_EQ(address->loopback, row.loopback) << row.text;
    EXPECT_EQ(address->ToString(), row.text);
  }
}

TEST(ParseValuesTest, ListenAddressesNeedHostAndPort) {
  for (const char* text :
       {"", "127.0.0.1", ":50051", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:5", "[::1:5"}) {
    EXPECT_FALSE(ParseListen(text).ok()) << text;
  }
}

}  // namespace
}  // namespace l3link
