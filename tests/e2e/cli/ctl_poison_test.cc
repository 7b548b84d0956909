// A lane that a hostile chip poisoned, as l3linkctl shows it and repairs it.
#include <gtest/gtest.h>

#include "tests/e2e/cli/ctl_node.h"

namespace l3link {
namespace {

TEST(CtlPoisonTest, PoisonIsSixWithItsEvidenceUntilTheLaneIsReset) {
  CtlNode ctl({"--sim-chip=external"});
  ASSERT_TRUE(ctl.node().ready()) << ctl.node().log();
  ChildOptions options;
  options.arguments = {"--arena", ctl.node().state_dir() + "/chips/0/arena", "--fault", "tail-jump", "--after", "1"};
  const ChildProcess chip(RunfilePath("tests/hostile/hostile_chip"), options);
  ASSERT_EQ(ctl.Ctl({"wait-ready", "--chips"}).status, 0);
  ASSERT_EQ(ctl.Ctl({"channels", "open", "attacked"}).status, 0);
  EXPECT_EQ(ctl.Ctl({"exchange", "attacked"}, "honest\n").out, "honest\n");
  ASSERT_EQ(ctl.Ctl({"send", "attacked", "trigger"}).status, 0);
  AwaitTrue([&] { return ctl.CtlJson({"channels", "show", "attacked"})["lanes"][1]["poisoned"] == true; });

  const Finished refused = ctl.Ctl({"recv", "attacked"});
  EXPECT_EQ(refused.status, 6) << refused.err;
  EXPECT_NE(refused.err.find("DATA_LOSS LANE_POISONED"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("TAIL_RANGE"), std::string::npos) << refused.err;
  EXPECT_EQ(ctl.CtlJson({"tail", "attacked"})["error"]["exit_code"], 6);
  EXPECT_NE(ctl.Ctl({"channels", "ls"}).out.find("POISONED 1 of 2"), std::string::npos);
  EXPECT_EQ(ctl.Ctl({"peek", "attacked"}).status, 0);

  EXPECT_EQ(ctl.Ctl({"channels", "reset", "attacked", "c2h", "0"}).status, 0);
  EXPECT_EQ(ctl.CtlJson({"channels", "show", "attacked"})["lanes"][1]["poisoned"], false);
}

}  // namespace
}  // namespace l3link
