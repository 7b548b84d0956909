#include "backends/testkit/daemon_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/temp_dir.h"

namespace l3link::testkit {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

class DaemonProcessTest : public testing::Test {
 protected:
  std::vector<std::string> Shell(const std::string& script) { return {"/bin/sh", "-c", script}; }
  std::string log() const { return ReadFileOrEmpty(dir_ / "log"); }
  void AwaitLog(const std::string& words) {
    while (log().find(words) == std::string::npos) usleep(1000);
  }

  TempDir dir_;
};

TEST_F(DaemonProcessTest, TellsTheExitStatusAndKeepsItsWords) {
  DaemonProcess process(Shell("echo out; echo err >&2; exit 3"), dir_ / "log");
  EXPECT_EQ(process.AwaitEnd(kPatience), 3);
  EXPECT_EQ(log(), "out\nerr\n");
}

TEST_F(DaemonProcessTest, WhatCannotBeRunEndsWith127AndTheReason) {
  DaemonProcess process({"/nowhere/l3linkd"}, dir_ / "log");
  EXPECT_EQ(process.AwaitEnd(kPatience), 127);
  EXPECT_THAT(log(), HasSubstr("No such file or directory"));
}

TEST_F(DaemonProcessTest, IsSignalledWhileItRuns) {
  DaemonProcess process(Shell("echo up; exec sleep 1000"), dir_ / "log");
  AwaitLog("up");
  EXPECT_FALSE(process.status().has_value());
  EXPECT_FALSE(process.AwaitEnd(absl::Milliseconds(1)).has_value());
  process.Signal(SIGTERM);
  EXPECT_EQ(process.AwaitEnd(kPatience), 128 + SIGTERM);
  process.Signal(SIGKILL);  // nobody's by now
}

TEST_F(DaemonProcessTest, SeesNoSettingsOfTheTestsOwnNode) {
  setenv("L3LINK_LISTEN", "0.0.0.0:1", 1);
  setenv("L3LINK_SIM_CHIP", "/some/chip", 1);
  DaemonProcess process({"/usr/bin/env"}, dir_ / "log");
  EXPECT_EQ(process.AwaitEnd(kPatience), 0);
  EXPECT_THAT(log(), Not(HasSubstr("L3LINK_LISTEN")));
  EXPECT_THAT(log(), HasSubstr("L3LINK_SIM_CHIP=/some/chip"));
}

TEST_F(DaemonProcessTest, OutlivesTheThreadThatMadeIt) {
  std::unique_ptr<DaemonProcess> process;
  std::thread([&] {
    process = std::make_unique<DaemonProcess>(Shell("echo up; exec sleep 1000"), dir_ / "log");
    AwaitLog("up");
  }).join();
  EXPECT_FALSE(process->AwaitEnd(absl::Milliseconds(200)).has_value());
}

TEST_F(DaemonProcessTest, EndsWithAProcessThatIsKilled) {
  const pid_t test = fork();
  ASSERT_GE(test, 0);
  if (test == 0) {
    DaemonProcess process(Shell("trap 'echo asked to end; exit' TERM; echo up; while :; do sleep 0.01; done"),
                          dir_ / "log");
    AwaitLog("up");
    pause();
  }
  AwaitLog("up");
  kill(test, SIGKILL);
  ASSERT_EQ(waitpid(test, nullptr, 0), test);
  AwaitLog("asked to end");
}

}  // namespace
}  // namespace l3link::testkit
