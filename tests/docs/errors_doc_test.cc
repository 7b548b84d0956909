// One list of reasons in three places (the node's table, the wire's enum, the manual): they must be the same list.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "backends/host/refusal.h"
#include "l3link/v1/error.pb.h"

namespace l3link {
namespace {

// The rows of docs/errors.md that describe a reason: "| `LANE_HELD` | RESOURCE_EXHAUSTED | Wait ... |".
std::vector<std::string> DocumentedRows() {
  std::ifstream file("docs/errors.md");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> rows;
  for (absl::string_view line : absl::StrSplit(text.str(), '\n')) {
    if (absl::StartsWith(line, "| `")) rows.emplace_back(line);
  }
  return rows;
}

std::string RowOf(const ReasonRow& row) {
  return absl::StrFormat("| `%s` | %s | %s |", row.name, absl::StatusCodeToString(row.code), row.remedy);
}

TEST(ErrorsDocTest, HasTheTablesRowForEveryReasonAndNoOther) {
  std::set<std::string> expected;
  for (const ReasonRow& row : ReasonTable()) expected.insert(RowOf(row));
  std::set<std::string> documented;
  for (const std::string& row : DocumentedRows()) EXPECT_TRUE(documented.insert(row).second) << "twice: " << row;
  for (const std::string& row : expected) EXPECT_TRUE(documented.count(row)) << "docs/errors.md lacks:\n" << row;
  for (const std::string& row : documented) EXPECT_TRUE(expected.count(row)) << "not in the node's table:\n" << row;
}

TEST(WireReasonTest, NamesEveryReasonOfTheNodeAndNoOther) {
  std::set<std::string> of_node;
  for (const ReasonRow& row : ReasonTable()) of_node.emplace(row.name);
  std::set<std::string> of_wire;
  const google::protobuf::EnumDescriptor& wire = *v1::Reason_descriptor();
  for (int i = 0; i < wire.value_count(); ++i) of_wire.insert(wire.value(i)->name());
  of_wire.erase("REASON_UNSPECIFIED");
  EXPECT_EQ(of_node, of_wire);
}

}  // namespace
}  // namespace l3link
