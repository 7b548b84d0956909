// Programs whose wall clock is set back by a month, theirs alone: their streams, deadlines and leases go by what time really
// passes.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/cli/ctl_node.h"
#include "tests/support/wall_clock.h"

namespace l3link {
namespace {

using std::chrono::milliseconds;

class ClientClockTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.node().ready()) << node_.node().log(); }

  std::unique_ptr<ChildProcess> Start(const std::string& program, const std::vector<std::string>& arguments) {
    ChildOptions options;
    options.arguments = arguments;
    options.environment = clock_.environment();
    options.environment.push_back("L3LINK_TARGET=" + node_.node().unix_target());
    options.stdout_path = options.stderr_path = output_;
    return std::make_unique<ChildProcess>(RunfilePath(program), options);
  }

  nlohmann::json Lane(const std::string& channel, int lane) {
    return node_.CtlJson({"channels", "show", channel})["lanes"][lane];
  }

  // The node falls silent under what is under way; then the clock is set back.
  void SilenceAndSetBack() {
    node_.node().process().Signal(SIGSTOP);
    std::this_thread::sleep_for(milliseconds(500));
    SetBack();
  }

  void SetBack() { clock_.Set(-absl::Hours(24 * 30)); }

  // Its exit code, or -1 for one that goes on long after its time.
  static int EndOf(ChildProcess& child) {
    for (int i = 0; i < 600 && !child.Poll(); ++i) std::this_thread::sleep_for(milliseconds(100));
    return child.Poll().value_or(-1);
  }

  std::string Output() const { return ReadFileOrEmpty(output_); }

  CtlNode node_{{"--sim-program=echo,checksum", "--lease-ttl=3s"}};
  const std::string output_ = node_.node().dir() / "output";
  WallClock clock_{node_.node().dir() / "clock"};
};

TEST_F(ClientClockTest, AnIdleStreamKeepsItsLease) {
  ASSERT_EQ(node_.Ctl({"channels", "open", "quiet"}).status, 0);
  const auto tail = Start("client/cli/l3linkctl", {"tail", "quiet", "--count", "1"});
  AwaitTrue([&] { return Lane("quiet", 1)["session_id"] != ""; });
  const nlohmann::json held = Lane("quiet", 1);
  SetBack();
  std::this_thread::sleep_for(milliseconds(7000));  // two of its leases, with its renewals alone
  EXPECT_FALSE(tail->Poll()) << Output();
  const nlohmann::json still_held = Lane("quiet", 1);
  EXPECT_EQ(still_held["session_id"], held["session_id"]);
  EXPECT_EQ(still_held["epoch"], held["epoch"]);
  ASSERT_EQ(node_.Ctl({"send", "quiet", "heard"}).status, 0);
  EXPECT_EQ(EndOf(*tail), 0);
  EXPECT_EQ(Output(), "heard\n");
}

TEST_F(ClientClockTest, ACallEndsAtItsDeadline) {
  const auto top = Start("client/cli/l3linkctl", {"top", "--interval", "50ms", "--timeout", "3s", "-o", "jsonl"});
  AwaitTrue([&] { return !Output().empty(); });
  SilenceAndSetBack();
  EXPECT_EQ(EndOf(*top), 5) << "no timeout:\n" << Output();
}

// Long before its patience ends.
TEST_F(ClientClockTest, AMainJobGivesUpWhenItsLeaseRunsOut) {
  const auto job = Start("client/main_job/l3link-main-job", {"--channel", "job", "--messages", "1000000000", "--lanes",
                                                             "1", "--vector-elements", "0", "--patience", "40s"});
  AwaitTrue([&] { return Lane("job", 1)["published"] > 0; });
  SilenceAndSetBack();
  EXPECT_EQ(EndOf(*job), 8) << Output();
  EXPECT_NE(Output().find("LEASE_EXPIRED"), std::string::npos) << Output();
}

}  // namespace
}  // namespace l3link
