#include "client/cli/hex_dump.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(HexDumpTest, ShowsOffsetsHexAndLetters) {
  EXPECT_EQ(ShowElements(absl::string_view("0123456789abcdef\x01z", 18), 16, ElementType::kHexDump),
            "00000010  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
            "00000020  01 7a                                             |.z|\n");
  EXPECT_EQ(ShowElements("", 0, ElementType::kHexDump), "");
}

TEST(HexDumpTest, ShowsLittleEndianNumbersAndLeavesOutAPart) {
  const absl::string_view bytes("\0\0\x80\x3f\xff\xff\xff\xff\x01", 9);
  EXPECT_EQ(ShowElements(bytes.substr(0, 4), 0, ElementType::kF32), "1\n");
  EXPECT_EQ(ShowElements(bytes, 0, ElementType::kU32), "1065353216\n4294967295\n");
  EXPECT_EQ(ShowElements(bytes, 0, ElementType::kI32), "1065353216\n-1\n");
  EXPECT_EQ(ShowElements(bytes, 0, ElementType::kU64), "18446744070479937536\n");
}

}  // namespace
}  // namespace l3link::cli
