#include "client/cli/nearest_command.h"

#include "gtest/gtest.h"

namespace l3link::cli {
namespace {

TEST(NearestCommandTest, IsTheOneWithTheFewestEdits) {
  const std::vector<std::string> commands = {"open", "ls", "show", "close"};
  EXPECT_EQ(NearestCommand("opne", commands), "open");
  EXPECT_EQ(NearestCommand("list", commands), "ls");
  EXPECT_EQ(NearestCommand("clos", commands), "close");
  EXPECT_EQ(NearestCommand("zsh", {"bash"}), "bash");
}

}  // namespace
}  // namespace l3link::cli
