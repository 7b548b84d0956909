// l3linkctl's regions and signals, against a real node whose chip adds vectors.
#include <gtest/gtest.h>

#include <string>

#include "tests/e2e/cli/ctl_node.h"

namespace l3link {
namespace {

class CtlRegionsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { node_ = new CtlNode({"--sim-program=vector_add"}); }
  static void TearDownTestSuite() { delete node_; }

  void SetUp() override { ASSERT_TRUE(node_->node().ready()) << node_->node().log(); }

  static Finished Ctl(const std::vector<std::string>& arguments, const std::string& input = "") {
    return node_->Ctl(arguments, input);
  }
  static std::string Good(const std::vector<std::string>& arguments, const std::string& input = "") {
    const Finished finished = Ctl(arguments, input);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.out;
  }

  static CtlNode* node_;
};

CtlNode* CtlRegionsTest::node_ = nullptr;

TEST_F(CtlRegionsTest, OpensListsShowsAndClosesARegion) {
  EXPECT_NE(Good({"regions", "open", "notes", "--bytes", "4Ki", "--signals", "3", "--writers", "host,chip,host"})
                .find("opened 0/notes@"),
            std::string::npos);
  EXPECT_NE(Good({"regions", "ls"}).find("4.0 KiB"), std::string::npos);
  EXPECT_EQ(node_->CtlJson({"regions", "show", "notes"})["config"]["signal_writers"][1], "chip");
  Good({"regions", "close", "notes"});
  EXPECT_EQ(Ctl({"regions", "show", "notes"}).status, 4);
}

TEST_F(CtlRegionsTest, WritesAndReadsTextHexAndFiles) {
  Good({"regions", "open", "data", "--bytes", "4Ki"});
  EXPECT_EQ(Good({"regions", "write", "data", "--offset", "64", "kept in shared memory"}), "wrote 21 bytes at 64\n");
  EXPECT_EQ(Good({"regions", "read", "data", "--offset", "64", "--length", "21", "-o", "raw"}),
            "kept in shared memory");
  Good({"regions", "write", "data", "--hex", "0000803f"});
  EXPECT_EQ(Good({"regions", "read", "data", "--length", "4", "--as", "f32"}), "1\n");
  EXPECT_EQ(node_->CtlJson({"regions", "read", "data", "--length", "4"})["hex"], "0000803f");
  const std::string dump = Good({"regions", "read", "data", "--offset", "64"});
  EXPECT_NE(dump.find("|kept in shared m|"), std::string::npos) << dump;
  EXPECT_NE(dump.find("more bytes"), std::string::npos) << dump;
  Good({"regions", "write", "data", "--file", "-"}, "from a pipe");
  EXPECT_EQ(Good({"regions", "read", "data", "--length", "11", "-o", "raw"}), "from a pipe");
  Good({"regions", "close", "data"});
}

TEST_F(CtlRegionsTest, MovesALargeFileThereAndBack) {
  std::string content(20 << 20, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>((i * 2654435761U) >> 13);
  const std::string in = node_->node().dir() / "in", out = node_->node().dir() / "out";
  WriteFile(in, content);
  Good({"regions", "open", "bulk", "--bytes", "20Mi"});
  Good({"regions", "write", "bulk", "--file", in, "--notify", "0=1"});
  EXPECT_EQ(Good({"regions", "read", "bulk", "--out", out}), "read 20971520 bytes to " + out + "\n");
  EXPECT_TRUE(ReadFileOrEmpty(out) == content);
  EXPECT_EQ(node_->CtlJson({"regions", "show", "bulk"})["signal_values"][0], 1);
  Good({"regions", "close", "bulk"});
}

TEST_F(CtlRegionsTest, NotifiesWaitsAndReadsTheChipsSum) {
  Good({"regions", "open", "vector-ctl", "--bytes", "24"});
  // a = {1, 2}, b = {0.5, 0.25}
  EXPECT_NE(Good({"regions", "write", "vector-ctl", "--hex", "0000803f000000400000003f0000803e", "--notify", "0=1"})
                .find("then signal 0 is 1"),
            std::string::npos);
  EXPECT_EQ(Good({"wait", "vector-ctl", "1:ge:1", "--timeout", "30s"}), "signal 1 = 1\n");
  EXPECT_EQ(Good({"regions", "read", "vector-ctl", "--offset", "16", "--as", "f32"}), "1.5\n2.25\n");
  EXPECT_EQ(Good({"notify", "vector-ctl", "0+=1", "-o", "raw"}), "2\n");
  EXPECT_EQ(Good({"wait", "vector-ctl", "1>=2", "0==2", "--all", "--timeout", "30s", "-o", "raw"}), "2\n2\n");
  Good({"regions", "close", "vector-ctl"});
}

TEST_F(CtlRegionsTest, AWaitThatNothingSatisfiesIsATimeoutWithTheValues) {
  Good({"regions", "open", "quiet", "--bytes", "64"});
  const Finished finished = Ctl({"wait", "quiet", "1>=5", "--timeout", "50ms"});
  EXPECT_EQ(finished.status, 5);
  EXPECT_NE(finished.err.find("signal 1 >= 5 did not hold within 50ms"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("signal 1: 0"), std::string::npos) << finished.err;
  Good({"regions", "close", "quiet"});
}

TEST_F(CtlRegionsTest, WatchPrintsWhatChanges) {
  Good({"regions", "open", "watched", "--bytes", "64"});
  const std::string path = node_->node().dir() / "watch";
  auto watch = node_->StartCtl({"watch", "watched", "0>=1", "--count", "1"}, path);
  AwaitTrue([&] { return node_->CtlJson({"regions", "show", "watched"})["waits"] == 1; });
  Good({"notify", "watched", "0=7"});
  EXPECT_EQ(watch->Wait(), 0);
  EXPECT_EQ(ReadFileOrEmpty(path), "signal 0 = 7\n");
  Good({"regions", "close", "watched"});
}

}  // namespace
}  // namespace l3link
