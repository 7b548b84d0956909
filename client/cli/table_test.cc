#include "client/cli/table.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(TableTest, AlignsWordsLeftAndNumbersRightWithoutTrailingSpaces) {
  Table table({"NAME", ">DEPTH", "STATE"});
  table.AddRow({"jobs", "64", ""});
  table.AddRow({"a-longer-name", "1", "poisoned"});
  EXPECT_EQ(table.ToText(),
            "NAME           DEPTH  STATE\n"
            "jobs              64  -\n"
            "a-longer-name      1  poisoned\n");
}

TEST(TableTest, WithoutRowsIsItsHeadings) { EXPECT_EQ(Table({"A", ">B"}).ToText(), "A  B\n"); }

TEST(TableTest, ShowsControlBytesHarmlessly) {
  Table table({"TEXT"});
  table.AddRow({"a\x1b[2Jb\n"});
  EXPECT_EQ(table.ToText(), "TEXT\na?[2Jb?\n");
}

TEST(TableTest, CountsCodePointsRatherThanBytes) {
  Table table({"T", "U"});
  table.AddRow({"\xc3\xa9", "x"});
  EXPECT_EQ(table.ToText(), "T  U\n\xc3\xa9  x\n");
}

}  // namespace
}  // namespace l3link::cli
