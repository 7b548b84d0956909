// The manual's table of flags is the node's own.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/options/option_table.h"

namespace l3link {
namespace {

std::set<std::string> DocumentedRows() {
  std::ifstream file("docs/operations.md");
  std::stringstream text;
  text << file.rdbuf();
  std::set<std::string> rows;
  for (absl::string_view line : absl::StrSplit(text.str(), '\n')) {
    if (absl::StartsWith(line, "| `--")) rows.emplace(line);
  }
  return rows;
}

TEST(FlagsDocTest, HasTheNodesRowForEveryFlagAndNoOther) {
  std::set<std::string> expected;
  for (const OptionRow& row : OptionTable()) {
    expected.insert(absl::StrCat("| `--", row.name, row.value.empty() ? "" : " ", row.value, "` | ", row.help, " |"));
  }
  const std::set<std::string> documented = DocumentedRows();
  for (const std::string& row : expected) EXPECT_TRUE(documented.count(row)) << "docs/operations.md lacks:\n" << row;
  for (const std::string& row : documented) EXPECT_TRUE(expected.count(row)) << "l3linkd has no such flag:\n" << row;
}

}  // namespace
}  // namespace l3link
