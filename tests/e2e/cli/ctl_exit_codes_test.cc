// One mistake for each exit code of l3linkctl, against a real node; each error says what, why and what to do.
#include <gtest/gtest.h>

#include "tests/e2e/cli/ctl_node.h"

namespace l3link {
namespace {

class CtlExitCodesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { node_ = new CtlNode({"--sim-program=echo", "--platform=a2a3sim=1,a5=1"}); }
  static void TearDownTestSuite() { delete node_; }

  void SetUp() override { ASSERT_TRUE(node_->node().ready()) << node_->node().log(); }

  // Fails with this code, as text and as JSON; a refusal of the node's has this reason and a remedy.
  static void ExpectFailure(const std::vector<std::string>& arguments, int code, const std::string& reason) {
    const Finished text = node_->Ctl(arguments);
    EXPECT_EQ(text.status, code) << text.err;
    EXPECT_EQ(text.err.rfind("l3linkctl: ", 0), 0u) << text.err;
    EXPECT_NE(text.err.find("remedy: "), std::string::npos) << text.err;
    const nlohmann::json error = node_->CtlJson(arguments)["error"];
    EXPECT_EQ(error["exit_code"], code) << error;
    EXPECT_EQ(error["reason"], reason) << error;
    EXPECT_NE(error["message"], "") << error;
    EXPECT_NE(error["remedy"], "") << error;
  }

  static CtlNode* node_;
};

CtlNode* CtlExitCodesTest::node_ = nullptr;

TEST_F(CtlExitCodesTest, UsageIsTwo) {
  ExpectFailure({"no-such-command"}, 2, "");
  ExpectFailure({"send"}, 2, "");
  ExpectFailure({"send", "bad name", "x"}, 2, "");
  ExpectFailure({"status", "--timeout", "soon"}, 2, "");
  ExpectFailure({"status", "--target"}, 2, "");
  ExpectFailure({"channels", "reset", "x", "up", "0"}, 2, "");
  ExpectFailure({"channels", "open", "odd", "--depth", "3"}, 2, "INVALID_ARGUMENT_FIELD");
}

TEST_F(CtlExitCodesTest, AnUnknownCommandNamesTheNearest) {
  const struct {
    std::vector<std::string> arguments;
    const char* words;
  } rows[] = {
      {{"statos"}, "unknown command 'statos'; did you mean status?"},
      {{"channels", "opne", "x"}, "unknown command 'opne'; did you mean open?"},
      {{"completion", "zsh"}, "unknown command 'zsh'; did you mean bash?"},
      {{"-o", "table", "regions", "list"}, "unknown command 'list'; did you mean ls?"},
      {{"channels", "open", "x", "--lane-dept=4"}, "unknown flag --lane-dept; did you mean --depth?"},
      {{"status", "--targt", "x"}, "unknown flag --targt; did you mean --target?"},
  };
  for (const auto& row : rows) {
    ExpectFailure(row.arguments, 2, "");
    EXPECT_NE(node_->Ctl(row.arguments).err.find(row.words), std::string::npos) << node_->Ctl(row.arguments).err;
  }
}

TEST_F(CtlExitCodesTest, AGenerationAtOpenAndAMissingFileAreTwo) {
  ExpectFailure({"channels", "open", "c@5"}, 2, "");
  ExpectFailure({"regions", "open", "a@3", "--bytes", "64"}, 2, "");
  node_->Ctl({"regions", "open", "filed", "--bytes", "64"});
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"regions", "write", "filed", "--file", "/no/such"},
        {"regions", "read", "filed", "--out", "/no/such"},
        {"send", "filed", "--file", "/no/such"}}) {
    ExpectFailure(arguments, 2, "");
    EXPECT_NE(node_->Ctl(arguments).err.find("/no/such: No such file or directory"), std::string::npos);
  }
}

TEST_F(CtlExitCodesTest, TooLargeAndOutOfRangeAreTwo) {
  node_->Ctl({"channels", "open", "small", "--max-message-bytes", "8"});
  ExpectFailure({"send", "small", "123456789"}, 2, "MESSAGE_TOO_LARGE");
  node_->Ctl({"regions", "open", "small", "--bytes", "64"});
  ExpectFailure({"regions", "write", "small", "--offset", "60", "12345"}, 2, "RANGE_OUT_OF_REGION");
  ExpectFailure({"regions", "read", "small", "--offset", "65"}, 2, "RANGE_OUT_OF_REGION");
}

TEST_F(CtlExitCodesTest, NoNodeIsThree) {
  ExpectFailure({"--target", "unix:/dev/shm/no-such-l3linkd.sock", "status"}, 3, "");
  ExpectFailure({"--target", "127.0.0.1:1", "status"}, 3, "");
  ExpectFailure({"--target", "127.0.0.1:1", "exchange", "x"}, 3, "");
}

TEST_F(CtlExitCodesTest, NotFoundIsFour) {
  ExpectFailure({"channels", "show", "nowhere"}, 4, "CHANNEL_NOT_FOUND");
  ExpectFailure({"channels", "show", "9/nowhere"}, 4, "WORKER_NOT_FOUND");
  ExpectFailure({"regions", "read", "nowhere"}, 4, "REGION_NOT_FOUND");
  ExpectFailure({"exchange", "nowhere"}, 4, "CHANNEL_NOT_FOUND");
  node_->Ctl({"channels", "open", "there"});
  ExpectFailure({"tail", "there", "--lane", "7"}, 4, "LANE_NOT_FOUND");
  node_->Ctl({"regions", "open", "there", "--bytes", "64"});
  ExpectFailure({"notify", "there", "9=1"}, 4, "SIGNAL_NOT_FOUND");
}

TEST_F(CtlExitCodesTest, TimeIsFive) {
  node_->Ctl({"channels", "open", "empty"});
  ExpectFailure({"recv", "empty", "--timeout", "10ms"}, 5, "");
  ExpectFailure({"tail", "empty", "--count", "1", "--timeout", "100ms"}, 5, "");
}

TEST_F(CtlExitCodesTest, ConflictIsEight) {
  node_->Ctl({"channels", "open", "taken", "--depth", "8"});
  ExpectFailure({"channels", "open", "taken", "--depth", "16"}, 8, "CONFIG_MISMATCH");
  node_->Ctl({"regions", "open", "chip-only", "--bytes", "64", "--writers", "host,chip"});
  ExpectFailure({"notify", "chip-only", "1=1"}, 8, "SIGNAL_NOT_HOST_WRITTEN");
}

TEST_F(CtlExitCodesTest, UnsupportedIsNine) {
  ExpectFailure({"channels", "open", "1/x"}, 9, "PLATFORM_UNSUPPORTED");
  ExpectFailure({"regions", "open", "1/x", "--bytes", "64"}, 9, "PLATFORM_UNSUPPORTED");
  EXPECT_NE(node_->Ctl({"chips"}).out.find("not supported on a5"), std::string::npos);
}

TEST_F(CtlExitCodesTest, HelpAndVersionAreZeroAndEveryCommandHasExamples) {
  EXPECT_NE(node_->Ctl({"--help"}).out.find("Exit codes:"), std::string::npos);
  EXPECT_EQ(node_->Ctl({"--version"}).status, 0);
  const std::vector<std::vector<std::string>> kCommands = {{"status"},
                                                           {"wait-ready"},
                                                           {"chips"},
                                                           {"channels", "open"},
                                                           {"channels", "ls"},
                                                           {"channels", "show"},
                                                           {"channels", "close"},
                                                           {"channels", "reset"},
                                                           {"channels", "release"},
                                                           {"send"},
                                                           {"recv"},
                                                           {"ack"},
                                                           {"peek"},
                                                           {"tail"},
                                                           {"exchange"},
                                                           {"regions", "open"},
                                                           {"regions", "ls"},
                                                           {"regions", "show"},
                                                           {"regions", "read"},
                                                           {"regions", "write"},
                                                           {"regions", "close"},
                                                           {"notify"},
                                                           {"wait"},
                                                           {"watch"},
                                                           {"top"},
                                                           {"completion", "bash"}};
  for (std::vector<std::string> command : kCommands) {
    command.push_back("--help");
    const Finished help = node_->Ctl(command);
    EXPECT_EQ(help.status, 0) << command[0];
    EXPECT_NE(help.out.find("Examples:\n  "), std::string::npos) << command[0];
  }
}

TEST_F(CtlExitCodesTest, CompletionIsAScriptThatBashReads) {
  const Finished completion = node_->Ctl({"completion", "bash"});
  ASSERT_EQ(completion.status, 0);
  const std::string script =
      completion.out + "COMP_WORDS=(l3linkctl channels re) COMP_CWORD=2; _l3linkctl; echo ${COMPREPLY[@]}";
  EXPECT_EQ(RunToEnd("/bin/bash", {"-c", script}).out, "reset release\n");
}

}  // namespace
}  // namespace l3link
