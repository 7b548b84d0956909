// A real l3linkd with its simulated chips, started from the build in a fresh state directory, and gone at the end.
//
//   TestNode node({"--sim-program=checksum", "--chips=2"});
//   ASSERT_TRUE(node.ready()) << node.log();
//   auto stub = v1::NodeService::NewStub(node.Connect());
//
// The test's data needs "//server:l3linkd" and "//backends/sim/chip:l3link-sim-chip" (tests/support:test_node brings both).
#ifndef L3LINK_TESTS_SUPPORT_TEST_NODE_H_
#define L3LINK_TESTS_SUPPORT_TEST_NODE_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link {

class TestNode {
 public:
  // Starts with --listen 127.0.0.1:0, a fresh --state-dir and --ready-file, and `flags`, which win; waits until it is ready
  // or has ended. `environment`: NAME=VALUE.
  explicit TestNode(const std::vector<std::string>& flags = {}, const std::vector<std::string>& environment = {});
  // Kills the daemon and its chips, unless they have ended.
  ~TestNode() = default;

  bool ready() const { return ready_; }
  // What it wrote to stdout and stderr so far.
  std::string log() const { return ReadFileOrEmpty(log_path()); }

  // "127.0.0.1:41234"; "-" when TCP is off.
  const std::string& tcp_target() const { return tcp_target_; }
  // "unix:/dev/shm/.../l3linkd.sock".
  std::string unix_target() const { return "unix:" + unix_path_; }
  const std::string& unix_path() const { return unix_path_; }
  std::string state_dir() const { return dir_ / "state"; }
  // For files of the test's own.
  const TempDir& dir() const { return dir_; }

  // A connection of its own (no shared subchannel) over TCP, else over the unix socket.
  std::shared_ptr<grpc::Channel> Connect() const;
  std::shared_ptr<grpc::Channel> ConnectTo(const std::string& target) const;

  ChildProcess& process() { return *process_; }
  // SIGTERM, then its exit status.
  int Terminate();
  // kill -9 of the daemon alone: its chips stay.
  void Kill();
  // The daemon again, on the same state directory, with the same flags; after Terminate or Kill.
  void Restart();
  // The same without waiting until it is ready, for tests that do not care or kill it before; with more flags, for this life.
  void Relaunch(const std::vector<std::string>& more_flags = {});

 private:
  std::string log_path() const { return dir_ / "log"; }
  std::string ready_path() const { return dir_ / "ready"; }
  void Launch(const std::vector<std::string>& more_flags);
  void AwaitReady();

  TempDir dir_;
  const std::vector<std::string> flags_;
  const std::vector<std::string> environment_;
  std::vector<std::unique_ptr<ChildProcess>> past_;  // their groups may still hold chips
  std::unique_ptr<ChildProcess> process_;
  bool ready_ = false;
  std::string tcp_target_;
  std::string unix_path_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_TEST_NODE_H_
