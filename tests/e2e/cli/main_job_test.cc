// The main job, smaller: real text and vectors through a real node, and what it says when something is wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

constexpr char kMainJob[] = "client/main_job/l3link-main-job";

std::vector<std::string> Arguments(const TestNode& node, const std::string& elements = "65536") {
  return {"--target", node.tcp_target(),   "--messages", "20000", "--round-trips", "200", "--vector-rounds",
          "2",        "--vector-elements", elements};
}

TEST(MainJobTest, VerifiesEveryMessageAndElement) {
  TestNode node({"--sim-program=checksum,vector_add"});
  ASSERT_TRUE(node.ready()) << node.log();
  const Finished text = RunToEnd(RunfilePath(kMainJob), Arguments(node));
  EXPECT_EQ(text.status, 0) << text.out << text.err;
  EXPECT_NE(text.out.find("messages 20000\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("\nlost 0\n"), std::string::npos) << text.out;

  auto arguments = Arguments(node);  // again on the same node, another way
  for (const char* more : {"--json", "--lanes", "3", "--depth", "16", "--seed", "99"}) arguments.push_back(more);
  const Finished json = RunToEnd(RunfilePath(kMainJob), arguments);
  EXPECT_EQ(json.status, 0) << json.err;
  const auto report = nlohmann::json::parse(json.out);
  EXPECT_EQ(report["messages"], 20000);
  EXPECT_EQ(report["lost"], 0);
  EXPECT_EQ(report["vector_elements"], 2 * 65536);
  EXPECT_EQ(report["verified"], true);
}

TEST(MainJobTest, WorksOverSeveralNodesAtOnce) {
  TestNode first({"--sim-program=checksum,vector_add"}), second({"--sim-program=checksum,vector_add"});
  ASSERT_TRUE(first.ready() && second.ready()) << first.log() << second.log();
  auto arguments = Arguments(first);
  for (const std::string& more : {std::string("--target"), second.unix_target(), std::string("--json")}) {
    arguments.push_back(more);
  }
  const Finished finished = RunToEnd(RunfilePath(kMainJob), arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  const auto report = nlohmann::json::parse(finished.out);
  EXPECT_EQ(report["nodes"], 2);
  EXPECT_EQ(report["messages"], 40000);
}

TEST(MainJobTest, TwoAtOnceWithDefaultNamesLeaveEachOtherAlone) {
  TestNode node({"--sim-program=checksum,vector_add"});
  ASSERT_TRUE(node.ready()) << node.log();
  Finished first, second;
  std::thread other([&] { first = RunToEnd(RunfilePath(kMainJob), Arguments(node)); });
  second = RunToEnd(RunfilePath(kMainJob), Arguments(node));
  other.join();
  EXPECT_EQ(first.status, 0) << first.out << first.err;
  EXPECT_EQ(second.status, 0) << second.out << second.err;
}

TEST(MainJobTest, AChipThatOnlyEchoesIsNotVerified) {
  TestNode node({"--sim-program=echo"});
  ASSERT_TRUE(node.ready()) << node.log();
  const auto arguments = Arguments(node, "0");
  const Finished finished = RunToEnd(RunfilePath(kMainJob), arguments);
  EXPECT_EQ(finished.status, 1) << finished.out << finished.err;
  EXPECT_NE(finished.out.find("verified NO\n"), std::string::npos) << finished.out;
}

TEST(MainJobTest, NoNodeIsAConnectError) {
  const Finished finished = RunToEnd(RunfilePath(kMainJob), {"--target", "unix:/dev/shm/no-such-l3linkd.sock"});
  EXPECT_EQ(finished.status, 3) << finished.err;
}

}  // namespace
}  // namespace l3link
