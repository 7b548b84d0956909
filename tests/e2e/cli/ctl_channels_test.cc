// l3linkctl's channels and messages, against a real node whose chip echoes.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/e2e/cli/ctl_node.h"

namespace l3link {
namespace {

class CtlChannelsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { node_ = new CtlNode({"--sim-program=echo"}); }
  static void TearDownTestSuite() { delete node_; }

  void SetUp() override { ASSERT_TRUE(node_->node().ready()) << node_->node().log(); }

  static Finished Ctl(const std::vector<std::string>& arguments, const std::string& input = "") {
    return node_->Ctl(arguments, input);
  }
  // Exits 0, and answers what it wrote.
  static std::string Good(const std::vector<std::string>& arguments, const std::string& input = "") {
    const Finished finished = Ctl(arguments, input);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }

  static CtlNode* node_;
};

CtlNode* CtlChannelsTest::node_ = nullptr;

TEST_F(CtlChannelsTest, StatusShowsTheNodeItsChipsAndLimits) {
  const std::string text = Good({"status", "--limits"});
  for (const char* word : {"version", "a2a3sim", "lane_depth", "max_message_bytes"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  const nlohmann::json json = node_->CtlJson({"status"});
  EXPECT_EQ(json["chips"][0]["platform"], "a2a3sim");
  EXPECT_EQ(json["target"], node_->node().unix_target());
}

TEST_F(CtlChannelsTest, WaitReadyWaitsForNodeAndChips) {
  EXPECT_NE(Good({"wait-ready", "--chips", "--timeout", "30s"}).find("ready unix:"), std::string::npos);
  EXPECT_EQ(node_->CtlJson({"chips"})["chips"][0]["state"], "running");
  EXPECT_EQ(Good({"chips", "-o", "raw"}), "0\n");
}

TEST_F(CtlChannelsTest, WaitReadyWorksOverTcpAndIsAHealthCheck) {
  EXPECT_EQ(Ctl({"--target", node_->node().tcp_target(), "wait-ready", "--timeout", "30s"}).status, 0);
}

TEST_F(CtlChannelsTest, OpensShowsListsAndClosesAChannel) {
  const std::string reference =
      Good({"channels", "open", "life", "--h2c", "2", "--c2h", "2", "--depth", "8", "-o", "raw"});
  EXPECT_EQ(reference.rfind("0/life@", 0), 0u) << reference;
  EXPECT_NE(Good({"channels", "open", "life", "--h2c", "2", "--c2h", "2", "--depth", "8"}).find("open already"),
            std::string::npos);
  EXPECT_NE(Good({"channels", "ls"}).find("0/life@"), std::string::npos);
  EXPECT_NE(Good({"channels", "show", "life"}).find("chip_to_host"), std::string::npos);
  const nlohmann::json json = node_->CtlJson({"channels", "show", reference.substr(0, reference.size() - 1)});
  EXPECT_EQ(json["config"]["lane_depth"], 8);
  EXPECT_EQ(json["lanes"].size(), 4u);
  EXPECT_NE(Good({"channels", "close", "life"}).find("closed 0/life"), std::string::npos);
  EXPECT_EQ(Ctl({"channels", "show", "life"}).status, 4);
}

TEST_F(CtlChannelsTest, AnOldGenerationNeverReachesTheNewerChannel) {
  std::string reference = Good({"channels", "open", "again", "-o", "raw"});
  reference.pop_back();
  Good({"channels", "close", "again"});
  Good({"channels", "open", "again"});
  EXPECT_EQ(Ctl({"send", reference, "late"}).status, 4);
  Good({"channels", "close", "again"});
}

TEST_F(CtlChannelsTest, SendsTextHexAndFilesAndReceivesThemBack) {
  Good({"channels", "open", "bodies"});
  const std::string path = node_->node().dir() / "body";
  WriteFile(path, "from a file");
  EXPECT_EQ(Good({"send", "bodies", "hello", "--hex", "00ff", "--file", path, "--route", "5", "--correlation", "40"}),
            "sent 3 of 3\n");
  EXPECT_EQ(Good({"recv", "bodies", "-o", "raw", "--timeout", "30s"}), "hello");
  const nlohmann::json second = node_->CtlJson({"recv", "bodies", "--timeout", "30s"})["messages"][0];
  EXPECT_EQ(second["hex"], "00ff");
  EXPECT_EQ(second["route"], 5);
  EXPECT_EQ(second["correlation_id"], 41);
  EXPECT_EQ(second["sequence"], 1);
  EXPECT_NE(Good({"recv", "bodies", "--timeout", "30s"}).find("from a file"), std::string::npos);
  Good({"channels", "close", "bodies"});
}

TEST_F(CtlChannelsTest, PeekMovesNothingAndAckTakesOut) {
  Good({"channels", "open", "acks"});
  Good({"send", "acks", "one", "two"});
  AwaitTrue([&] { return node_->CtlJson({"peek", "acks"})["messages"].size() == 2; });
  EXPECT_EQ(Good({"recv", "acks", "--no-ack", "-n", "2", "--timeout", "30s", "-o", "raw"}), "onetwo");
  EXPECT_EQ(node_->CtlJson({"peek", "acks"})["messages"].size(), 2u);
  EXPECT_EQ(Good({"ack", "acks", "0", "2"}), "consumed 2\n");
  EXPECT_EQ(node_->CtlJson({"peek", "acks"})["messages"].size(), 0u);
  Good({"channels", "close", "acks"});
}

TEST_F(CtlChannelsTest, SendWithSessionAndSequenceIsExactlyOnce) {
  Good({"channels", "open", "once"});
  for (int repeat = 0; repeat < 3; ++repeat) {
    Good({"send", "once", "--session", "me", "--sequence", "0", "only"});
  }
  EXPECT_EQ(Good({"recv", "once", "-o", "raw", "--timeout", "30s"}), "only");
  EXPECT_EQ(Ctl({"recv", "once", "--timeout", "0"}).status, 5);
  Good({"channels", "close", "once"});
}

TEST_F(CtlChannelsTest, ExchangePrintsAReplyForEachLine) {
  Good({"channels", "open", "talk", "--h2c", "2", "--c2h", "2"});
  EXPECT_EQ(Good({"exchange", "talk"}, "one\n\nthree"), "one\n\nthree\n");
  EXPECT_EQ(Good({"exchange", "talk", "--route", "3", "-o", "jsonl"}, "x\n").substr(0, 9), "{\"lane\":1");
  EXPECT_EQ(Good({"exchange", "talk"}, ""), "");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(Good({"exchange", "talk"}, many), many);
  Good({"channels", "close", "talk"});
}

TEST_F(CtlChannelsTest, ExchangeNamesALineThatIsTooLong) {
  Good({"channels", "open", "narrow", "--max-message-bytes", "16"});
  const Finished finished = Ctl({"exchange", "narrow"}, "short\n" + std::string(17, 'x') + "\n");
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("line 2 of 17 bytes > max_message_bytes 16"), std::string::npos) << finished.err;
  Good({"channels", "close", "narrow"});
}

TEST_F(CtlChannelsTest, TailFollowsUntilItsCountAndAcknowledgesWhatItPrinted) {
  Good({"channels", "open", "follow"});
  const std::string path = node_->node().dir() / "tail";
  auto tail = node_->StartCtl({"tail", "follow", "--count", "2"}, path);
  Good({"send", "follow", "a", "b", "c"});
  EXPECT_EQ(tail->Wait(), 0);
  EXPECT_EQ(ReadFileOrEmpty(path), "a\nb\n");
  EXPECT_EQ(Good({"recv", "follow", "-o", "raw", "--timeout", "30s"}), "c");
  Good({"channels", "close", "follow"});
}

TEST_F(CtlChannelsTest, CtrlCEndsTailCleanlyAndFreesItsLane) {
  Good({"channels", "open", "held"});
  const std::string path = node_->node().dir() / "held";
  auto tail = node_->StartCtl({"tail", "held"}, path);
  AwaitTrue([&] { return node_->CtlJson({"channels", "show", "held"})["lanes"][1]["session_id"] != ""; });
  const nlohmann::json refused = node_->CtlJson({"recv", "held"})["error"];
  EXPECT_EQ(refused["reason"], "LANE_HELD");
  EXPECT_EQ(refused["exit_code"], 7);
  EXPECT_NE(refused["remedy"], "");
  tail->Signal(SIGINT);
  EXPECT_EQ(tail->Wait(), 0);
  EXPECT_EQ(Ctl({"recv", "held", "--timeout", "0"}).status, 5);
  Good({"channels", "close", "held"});
}

TEST_F(CtlChannelsTest, ReleaseTakesALaneAndItsHolderIsTold) {
  Good({"channels", "open", "taken"});
  const std::string path = node_->node().dir() / "taken";
  auto tail = node_->StartCtl({"tail", "taken"}, path);
  AwaitTrue([&] { return node_->CtlJson({"channels", "show", "taken"})["lanes"][1]["session_id"] != ""; });
  EXPECT_NE(Good({"channels", "release", "taken", "c2h", "0"}).find("released chip_to_host lane 0"), std::string::npos);
  EXPECT_EQ(tail->Wait(), 8);
  EXPECT_EQ(Ctl({"channels", "release", "taken", "c2h", "0"}).status, 4);
  Good({"channels", "close", "taken"});
}

TEST_F(CtlChannelsTest, ResetEmptiesALaneUnderANewGeneration) {
  Good({"channels", "open", "fresh"});
  Good({"send", "fresh", "one"});
  AwaitTrue([&] { return node_->CtlJson({"peek", "fresh"})["messages"].size() == 1; });
  const nlohmann::json before = node_->CtlJson({"channels", "show", "fresh"})["lanes"][1];
  const nlohmann::json after = node_->CtlJson({"channels", "reset", "fresh", "c2h", "0"});
  EXPECT_GT(after["generation"], before["generation"]);
  EXPECT_EQ(after["published"], 0);
  EXPECT_EQ(node_->CtlJson({"peek", "fresh"})["messages"].size(), 0u);
  Good({"channels", "close", "fresh"});
}

TEST_F(CtlChannelsTest, TopShowsRatesOfEveryLane) {
  Good({"channels", "open", "busy"});
  const std::string text = Good({"top", "--once", "--interval", "100ms"});
  EXPECT_NE(text.find("0/busy@"), std::string::npos) << text;
  const nlohmann::json json = nlohmann::json::parse(Good({"top", "--count", "1", "--interval", "50ms", "-o", "jsonl"}));
  EXPECT_EQ(json["lanes"].size(), 2u);
  Good({"channels", "close", "busy"});
}

}  // namespace
}  // namespace l3link
