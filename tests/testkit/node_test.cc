// The test kit's nodes: real daemons, with the programs of a user's own, and what they say when something is wrong.
#include "backends/testkit/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>

#include "client/orchestrator.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link::testkit {
namespace {

using client::Orchestrator;
using testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);

NodeOptions Options() { return {.l3linkd = RunfilePath("server/l3linkd"), .patience = kPatience}; }

std::unique_ptr<Node> StartNode(const NodeOptions& options) {
  absl::StatusOr<std::unique_ptr<Node>> node = Node::Start(options);
  EXPECT_TRUE(node.ok()) << node.status();
  return node.ok() ? *std::move(node) : nullptr;
}

std::string SocketOf(const Node& node) { return node.target().substr(5); }

TEST(TestKitNodeTest, RunsAUsersChipProgramForAnOrchestrator) {
  NodeOptions options = Options();
  options.chip_programs = {RunfilePath("backends/sim/chip/examples/libupper.so")};
  std::unique_ptr<Node> node = StartNode(options);
  ASSERT_NE(node, nullptr);
  auto orchestrator = Orchestrator::Connect({node->target()}).value();
  auto channel = orchestrator->OpenChannel(0, "upper").value();
  ASSERT_EQ(channel->Send({.payload = "loud"}, kPatience), absl::OkStatus());
  EXPECT_EQ(channel->Receive(kPatience).value().front().payload, "LOUD");
}

TEST(TestKitNodeTest, ItsChipsCanBePlayedEachByItself) {
  NodeOptions options = Options();
  options.play_chips = true;
  options.chips = 2;
  std::unique_ptr<Node> node = StartNode(options);
  ASSERT_NE(node, nullptr);
  auto orchestrator = Orchestrator::Connect({node->target()}).value();
  for (uint32_t worker_id : {0u, 1u}) {
    auto chip = node->PlayChip(worker_id).value();
    auto channel = orchestrator->OpenChannel(worker_id, "work").value();
    ASSERT_EQ(channel->Send({.payload = "for " + std::to_string(worker_id)}, kPatience), absl::OkStatus());
    EXPECT_EQ(chip->Receive("work", 0, kPatience).value().payload, "for " + std::to_string(worker_id));
    ASSERT_EQ(chip->Send("work", 0, {.payload = "done"}, kPatience), absl::OkStatus());
    EXPECT_EQ(channel->Receive(kPatience).value().front().payload, "done");
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(ChipPlayer::Attach("/nowhere", absl::ZeroDuration()).status()));
}

TEST(TestKitNodeTest, AClientWaitsForASignalThatThePlayerSets) {
  NodeOptions options = Options();
  options.play_chips = true;
  std::unique_ptr<Node> node = StartNode(options);
  ASSERT_NE(node, nullptr);
  auto chip = node->PlayChip().value();
  auto orchestrator = Orchestrator::Connect({node->target()}).value();
  v1::RegionConfig config;
  config.set_data_bytes(64);
  auto region = orchestrator->OpenRegion(0, "frames", config).value();
  ASSERT_TRUE(region->WriteThenNotify(0, "input", {.signal = 0, .value = 1}, kPatience).ok());
  ASSERT_EQ(chip->Wait("frames", 0, 1, kPatience).value(), 1u);
  std::byte input[5];
  ASSERT_EQ(chip->Read("frames", 0, absl::MakeSpan(input), kPatience), absl::OkStatus());
  EXPECT_EQ(memcmp(input, "input", 5), 0);
  ASSERT_TRUE(chip->Notify("frames", 1, 1, kPatience).ok());
  EXPECT_TRUE(region->Wait({.signal = 1, .target = 1}, kPatience).value().satisfied);
}

TEST(TestKitNodeTest, SeveralRunAtOnceAndLeaveNothingBehind) {
  std::unique_ptr<Node> first = StartNode(Options()), second = StartNode(Options());
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_NE(first->target(), second->target());
  const std::string folder = std::filesystem::path(SocketOf(*first)).parent_path();
  EXPECT_TRUE(std::filesystem::exists(SocketOf(*first)));
  EXPECT_EQ(first->Stop(), absl::OkStatus());
  EXPECT_EQ(first->Stop(), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_THAT(first->log(), HasSubstr("ready grpc=- unix=" + SocketOf(*first)));
  EXPECT_TRUE(absl::IsFailedPrecondition(first->PlayChip().status()));
  EXPECT_TRUE(Orchestrator::Connect({second->target()}).ok());
}

TEST(TestKitNodeTest, AStartThatIsInterruptedSaysHowFarItWas) {
  NodeOptions options = Options();
  options.flags = {"--sim-chip=external"};  // so it waits for a chip that nobody starts
  options.patience = absl::InfiniteDuration();
  int looks = 0;
  options.interrupted = [&looks] { return ++looks > 200; };
  const absl::Status status = Node::Start(options).status();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("interrupted before"));
}

TEST(TestKitNodeTest, FurtherFlagsWin) {
  NodeOptions options = Options();
  options.flags = {"--listen=127.0.0.1:0", "--node-name=of-a-test"};
  std::unique_ptr<Node> node = StartNode(options);
  ASSERT_NE(node, nullptr);
  EXPECT_THAT(node->tcp_target(), HasSubstr("127.0.0.1:"));
  EXPECT_EQ(Orchestrator::Connect({node->tcp_target()}).value()->node_name(0), "of-a-test");
}

struct Wrong {
  const char* name;
  std::vector<std::string> chip_programs;
  std::vector<std::string> flags;
  absl::StatusCode code;
  std::vector<std::string> words;
};

class TestKitWrongNodeTest : public testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(
    TestKit, TestKitWrongNodeTest,
    testing::Values(
        Wrong{"NoSuchFile", {"./nowhere.so"}, {}, absl::StatusCode::kNotFound, {"./nowhere.so: there is no such file"}},
        Wrong{"ACommaInAPath", {"./a,b.so"}, {}, absl::StatusCode::kInvalidArgument, {"has a comma"}},
        Wrong{"NoProgram", {}, {}, absl::StatusCode::kInvalidArgument, {"chip_programs is empty"}},
        Wrong{"NotALibrary",
              {"tests/testkit/node_test"},
              {},
              absl::StatusCode::kFailedPrecondition,
              {"chip 0 does not run", "cannot load chip program"}},
        Wrong{"WithoutMain",
              {"backends/ascend/testing/libascendcl.so"},
              {},
              absl::StatusCode::kFailedPrecondition,
              {"has no function l3_program_main"}},
        Wrong{"UnknownBuiltIn",
              {"knitting"},
              {},
              absl::StatusCode::kFailedPrecondition,
              {"unknown program 'knitting'", "last words"}},
        Wrong{"UnknownFlag",
              {"echo"},
              {"--lease-tll=1s"},
              absl::StatusCode::kFailedPrecondition,
              {"l3linkd ended", "lease-ttl"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(TestKitWrongNodeTest, IsAnErrorWithItsWords) {
  NodeOptions options = Options();
  options.chip_programs = GetParam().chip_programs;
  options.flags = GetParam().flags;
  const absl::Status status = Node::Start(options).status();
  EXPECT_EQ(status.code(), GetParam().code) << status;
  for (const std::string& words : GetParam().words) EXPECT_THAT(std::string(status.message()), HasSubstr(words));
}

TEST(TestKitNodeTest, WithoutADaemonItSaysWhereItLooked) {
  NodeOptions options = Options();
  options.l3linkd = "/nowhere/l3linkd";
  const absl::Status asked = Node::Start(options).status();
  EXPECT_TRUE(absl::IsNotFound(asked)) << asked;
  EXPECT_THAT(std::string(asked.message()), HasSubstr("/nowhere/l3linkd (asked for) is not a program"));
  options.l3linkd.clear();
  setenv("L3LINK_L3LINKD", "/nowhere/else", 1);
  const absl::Status variable = Node::Start(options).status();
  unsetenv("L3LINK_L3LINKD");
  EXPECT_THAT(std::string(variable.message()), HasSubstr("/nowhere/else (L3LINK_L3LINKD) is not a program"));
}

TEST(TestKitNodeTest, FindsTheDaemonByTheVariable) {
  NodeOptions options;
  setenv("L3LINK_L3LINKD", RunfilePath("server/l3linkd").c_str(), 1);
  EXPECT_NE(StartNode(options), nullptr);
  unsetenv("L3LINK_L3LINKD");
}

TEST(TestKitNodeTest, ADaemonThatDiedIsToldWithItsLastWords) {
  std::unique_ptr<Node> node = StartNode(Options());
  ASSERT_NE(node, nullptr);
  const Finished found = RunToEnd("/usr/bin/pgrep", {"-f", "--", "--unix=" + SocketOf(*node)});
  const pid_t pid = static_cast<pid_t>(std::stol(found.out));
  ASSERT_GT(pid, 1);
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  while (kill(pid, 0) == 0) usleep(1000);
  const absl::Status status = node->Stop();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("l3linkd ended with status 137 before it was stopped"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("ready grpc="));
}

}  // namespace
}  // namespace l3link::testkit
