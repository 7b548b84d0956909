#include "backends/host/payload_crc.h"

#include <gtest/gtest.h>

#include <vector>

#include "backends/abi/crc32c.h"

namespace l3link {
namespace {

TEST(PayloadCrcTest, AgreesAtEveryLengthAndPlace) {
  std::vector<std::byte> bytes(4000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37 + i / 251);
  for (size_t at = 0; at < 9; ++at) {
    for (size_t length = 0; at + length <= bytes.size(); ++length) {
      ASSERT_EQ(ExtendPayloadCrc(7, absl::MakeConstSpan(bytes).subspan(at, length)),
                l3_crc32c_extend_by_table(7, bytes.data() + at, length))
          << length << " bytes from " << at;
    }
  }
}

}  // namespace
}  // namespace l3link
