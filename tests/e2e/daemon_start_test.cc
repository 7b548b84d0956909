// l3linkd as a process: settings in their order, what it prints, and when it refuses to start.
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

Finished Daemon(const std::vector<std::string>& flags, const std::vector<std::string>& environment = {}) {
  return RunToEnd(RunfilePath("server/l3linkd"), flags, environment);
}

bool Exists(const std::string& path) {
  struct stat there;
  return lstat(path.c_str(), &there) == 0;
}

v1::GetNodeResponse GetNode(const TestNode& node) {
  grpc::ClientContext context;
  v1::GetNodeResponse response;
  const grpc::Status status = v1::NodeService::NewStub(node.Connect())->GetNode(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

TEST(DaemonStartTest, HelpShowsEveryFlagAndTheTableOfLimits) {
  const Finished help = Daemon({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* word : {"--listen HOST:PORT", "--state-dir DIR", "--sim-chip PATH", "L3LINK_STATE_DIR", "lane_depth",
                           "max_message_bytes", "67108864", "waits_per_stream", "window_budget_bytes"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
  EXPECT_THAT(Daemon({"--version"}).out, testing::MatchesRegex("l3linkd [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(DaemonStartTest, UsageErrorsEndWithTwoAndSayWhatWasMeant) {
  const struct {
    std::vector<std::string> flags;
    const char* words;
  } rows[] = {
      {{"--lisen=x"}, "unknown flag --lisen; did you mean --listen?"},
      {{"--chips=none"}, "--chips: 'none' is not a whole number from 1 to 64"},
      {{"--listen=0.0.0.0:0"}, "--insecure"},
      {{"--listen=none", "--unix=none"}, "nobody could reach the node"},
      {{"--config=/nonexistent.conf"}, "cannot read config file /nonexistent.conf"},
      {{"--platform=a3"}, "--platform: no platform 'a3'; there are a2a3sim, a5sim, a2a3, a5"},
      {{"run"}, "unexpected word 'run'"},
  };
  for (const auto& row : rows) {
    const Finished finished = Daemon(row.flags);
    EXPECT_EQ(finished.status, 2) << row.words;
    EXPECT_THAT(finished.err, HasSubstr(row.words));
  }
  EXPECT_THAT(Daemon({}, {"L3LINK_CHIP=2"}).err, HasSubstr("did you mean L3LINK_CHIPS?"));
}

TEST(DaemonStartTest, StartsWithBothListenersAndTellsWhere) {
  TestNode node({"--platform=a2a3sim=1,a5=1"});
  ASSERT_TRUE(node.ready()) << node.log();
  const std::string ready = "ready grpc=" + node.tcp_target() + " unix=" + node.unix_path() + "\n";
  EXPECT_THAT(node.tcp_target(), testing::StartsWith("127.0.0.1:"));
  EXPECT_THAT(node.log(), AllOf(HasSubstr(ready), HasSubstr("chip 0    a2a3sim"), HasSubstr("not supported on a5")));
  EXPECT_EQ(GetNode(node).platforms_size(), 2);
  struct stat socket;
  ASSERT_EQ(stat(node.unix_path().c_str(), &socket), 0);
  EXPECT_EQ(socket.st_mode & 07777, 0600u);
  grpc::ClientContext context;
  v1::GetNodeResponse over_unix;
  auto stub = v1::NodeService::NewStub(node.ConnectTo(node.unix_target()));
  EXPECT_TRUE(stub->GetNode(&context, {}, &over_unix).ok());
  EXPECT_EQ(over_unix.instance_id(), GetNode(node).instance_id());
}

TEST(DaemonStartTest, FlagBeatsVariableBeatsFile) {
  TempDir dir;
  WriteFile(dir / "conf", "node-name = from-file\nmax-streams = 11\nmax-leases = 12\n");
  TestNode node({"--node-name=from-flag"},
                {"L3LINK_NODE_NAME=from-env", "L3LINK_MAX_LEASES=13", "L3LINK_CONFIG=" + (dir / "conf")});
  ASSERT_TRUE(node.ready()) << node.log();
  const v1::GetNodeResponse told = GetNode(node);
  EXPECT_EQ(told.node_name(), "from-flag");
  std::map<std::string, uint64_t> limits;
  for (const v1::Limit& limit : told.limits()) limits[limit.name()] = limit.maximum();
  EXPECT_EQ(limits["streams"], 11u);
  EXPECT_EQ(limits["leases"], 13u);
}

TEST(DaemonStartTest, EitherListenerCanBeOff) {
  TestNode unix_only({"--listen=none"});
  ASSERT_TRUE(unix_only.ready()) << unix_only.log();
  EXPECT_EQ(unix_only.tcp_target(), "-");
  GetNode(unix_only);
  TestNode tcp_only({"--unix=none"});
  ASSERT_TRUE(tcp_only.ready()) << tcp_only.log();
  EXPECT_EQ(tcp_only.unix_path(), "-");
  GetNode(tcp_only);
}

TEST(DaemonStartTest, ASecondDaemonIsRefusedOnTheSameStateSocketOrPort) {
  TestNode node;
  ASSERT_TRUE(node.ready()) << node.log();
  const std::string pid = std::to_string(node.process().pid());
  TempDir dir;
  const Finished state = Daemon({"--listen=127.0.0.1:0", "--unix=none", "--state-dir=" + node.state_dir()});
  EXPECT_EQ(state.status, 1);
  EXPECT_THAT(state.err, AllOf(HasSubstr(node.state_dir()), HasSubstr("in use by l3linkd with pid " + pid)));
  const Finished socket = Daemon({"--listen=none", "--unix=" + node.unix_path(), "--state-dir=" + (dir / "a")});
  EXPECT_EQ(socket.status, 1);
  EXPECT_THAT(socket.err, AllOf(HasSubstr(node.unix_path()), HasSubstr("pid " + pid)));
  const Finished port = Daemon({"--listen=" + node.tcp_target(), "--unix=none", "--state-dir=" + (dir / "b")});
  EXPECT_EQ(port.status, 1);
  EXPECT_THAT(port.err, HasSubstr("cannot listen on " + node.tcp_target()));
  GetNode(node);  // and the first one is as well as before
}

TEST(DaemonStartTest, RefusesAStateDirectoryThatIsNotOursAlone) {
  TempDir dir;
  ASSERT_EQ(symlink("/dev/shm", (dir / "link").c_str()), 0);
  ASSERT_EQ(mkdir((dir / "open").c_str(), 0755), 0);
  for (const char* name : {"link", "open"}) {
    const Finished finished = Daemon({"--listen=none", "--state-dir=" + (dir / name)});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, HasSubstr(dir / name));
  }
}

TEST(DaemonStartTest, LeavesNothingBehindWhereNothingIsOpen) {
  TestNode node;
  ASSERT_TRUE(node.ready()) << node.log();
  EXPECT_TRUE(Exists(node.state_dir() + "/chips/0/arena"));
  EXPECT_EQ(node.Terminate(), 0) << node.log();
  EXPECT_FALSE(Exists(node.unix_path()));
  EXPECT_FALSE(Exists(node.unix_path() + ".lock"));
  EXPECT_FALSE(Exists(node.state_dir() + "/l3linkd.lock"));
  EXPECT_FALSE(Exists(node.state_dir() + "/chips/0/arena"));
  EXPECT_FALSE(Exists(node.state_dir() + "/private/chip-0.journal"));
  EXPECT_FALSE(Exists(node.dir() / "ready"));
}

TEST(DaemonStartTest, AKilledDaemonsSocketIsReplaced) {
  TestNode node;
  ASSERT_TRUE(node.ready()) << node.log();
  node.Kill();
  EXPECT_TRUE(Exists(node.unix_path()));
  node.Restart();
  ASSERT_TRUE(node.ready()) << node.log();
  GetNode(node);
}

TEST(DaemonStartTest, AKilledDaemonsReadyFileIsGoneWhileTheNextOneStarts) {
  TestNode other, node;
  ASSERT_TRUE(other.ready() && node.ready()) << node.log();
  node.Kill();
  const std::string ready = node.dir() / "ready";
  ASSERT_TRUE(Exists(ready));
  const Finished late = Daemon(
      {"--listen=" + other.tcp_target(), "--unix=none", "--ready-file=" + ready, "--state-dir=" + node.state_dir()});
  EXPECT_EQ(late.status, 1) << "its port is taken: it never was ready";
  EXPECT_FALSE(Exists(ready));
}

TEST(DaemonStartTest, JsonLogsAreOneObjectALine) {
  TestNode node({"--log-format=json"});
  ASSERT_TRUE(node.ready()) << node.log();
  EXPECT_EQ(node.Terminate(), 0);
  EXPECT_THAT(node.log(), HasSubstr("\"level\":\"info\",\"thread\":"));
  EXPECT_THAT(node.log(), EndsWith("\"message\":\"stopped\"}\n"));
}

}  // namespace
}  // namespace l3link
