#include "server/channel/wire_time.h"

#include <string>

#include "backends/host/refusal.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

google::protobuf::Duration Wire(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(WireTimeTest, ReadsWhatIsThere) {
  EXPECT_EQ(DurationOf(Wire(1, 500'000'000)), absl::Milliseconds(1500));
  EXPECT_EQ(DurationOf(Wire(0, -1)), absl::Nanoseconds(-1));
}

TEST(WireTimeTest, TakesZeroAndMoreAsATimeout) {
  EXPECT_TRUE(CheckTimeout(Wire(0, 0), "").ok());
  EXPECT_TRUE(CheckTimeout(Wire(0, 1), "").ok());
  EXPECT_TRUE(CheckTimeout(Wire(1, -1), "").ok());  // a nanosecond short of a second
}

TEST(WireTimeTest, RefusesANegativeTimeoutWithFieldValueAndRemedy) {
  for (const auto& negative : {Wire(-1, 0), Wire(0, -1), Wire(-1, 999'999'999)}) {
    const absl::Status refused = CheckTimeout(negative, "leave it out for 10 s");
    EXPECT_TRUE(IsRefusal(refused, Reason::kINVALID_ARGUMENT_FIELD)) << refused;
  }
  EXPECT_EQ(CheckTimeout(Wire(-2, 0), "leave it out for 10 s").message(),
            "timeout: -2s is negative, must be 0 or more; leave it out for 10 s");
}

}  // namespace
}  // namespace l3link
