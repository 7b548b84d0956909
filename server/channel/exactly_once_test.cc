#include "server/channel/exactly_once.h"

#include <gtest/gtest.h>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

// A lane on which "old" sent [0, 3), then "now" sent [3, 5).
LaneRecord Record() {
  LaneRecord record(LaneKey{1, Direction::kHostToChip, 0});
  record.Enter(7, 0);
  record.Grant("old");
  record.Published(3);
  record.Grant("now");
  record.Published(5);
  return record;
}

TEST(AlreadySentTest, CountsWhatASessionHasSent) {
  const LaneRecord record = Record();
  EXPECT_EQ(*AlreadySent(record, "now", 5, 2), 0u);
  EXPECT_EQ(*AlreadySent(record, "now", 4, 2), 1u);
  EXPECT_EQ(*AlreadySent(record, "now", 3, 2), 2u);
  EXPECT_EQ(*AlreadySent(record, "old", 0, 3), 3u);
  EXPECT_EQ(*AlreadySent(record, "old", 2, 1), 1u);
}

TEST(AlreadySentTest, LetsAnybodyBeginWhereTheLaneStands) {
  const LaneRecord record = Record();
  EXPECT_EQ(*AlreadySent(record, "new", 5, 1), 0u);
  EXPECT_EQ(*AlreadySent(record, "old", 5, 1), 0u);
}

TEST(AlreadySentTest, RefusesWhatItCannotTell) {
  const LaneRecord record = Record();
  EXPECT_TRUE(IsRefusal(AlreadySent(record, "now", 6, 1).status(), Reason::kSEQUENCE_GAP));
  EXPECT_TRUE(IsRefusal(AlreadySent(record, "new", 4, 1).status(), Reason::kSESSION_UNKNOWN));
  EXPECT_TRUE(IsRefusal(AlreadySent(record, "old", 3, 1).status(), Reason::kSESSION_LOST));
  EXPECT_TRUE(IsRefusal(AlreadySent(record, "old", 2, 2).status(), Reason::kSESSION_LOST));
  EXPECT_TRUE(IsRefusal(AlreadySent(record, "now", 2, 3).status(), Reason::kSESSION_LOST));  // before its own start
}

}  // namespace
}  // namespace l3link
