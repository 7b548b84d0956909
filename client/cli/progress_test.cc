#include "client/cli/progress.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(ProgressTest, LineShowsBarShareAmountAndRate) {
  EXPECT_EQ(ProgressLine("job", 500, 1000, 2.0, Progress::Unit::kMessages, 10),
            "job  [=====>    ]   50 %  500 of 1,000  250/s");
  EXPECT_EQ(ProgressLine("read", 1024, 1024, 0, Progress::Unit::kBytes, 4), "read  [====]  100 %  1.0 KiB of 1.0 KiB");
  EXPECT_EQ(ProgressLine("job", 0, 0, 0, Progress::Unit::kMessages, 0), "job  100 %  0 of 0");
}

TEST(ProgressTest, GroupsDigitsByThree) {
  EXPECT_EQ(GroupDigits(0), "0");
  EXPECT_EQ(GroupDigits(999), "999");
  EXPECT_EQ(GroupDigits(1000), "1,000");
  EXPECT_EQ(GroupDigits(1234567), "1,234,567");
}

TEST(ProgressTest, IsSilentWhereThereIsNoTerminalUnlessAskedForLines) {
  std::FILE* file = tmpfile();
  {
    Progress progress(file, "job", 10, Progress::Unit::kMessages, Progress::Otherwise::kNothing);
    progress.Update(5);
  }
  EXPECT_EQ(ftell(file), 0);
  fclose(file);
}

}  // namespace
}  // namespace l3link::cli
