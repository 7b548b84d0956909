// A node with its chip in one network namespace, for clients in another; made once for all tests of a process.
//
// The test's own thread talks to the node by its unix socket, which no fault reaches.
#ifndef L3LINK_TESTS_PARTITION_BENCH_H_
#define L3LINK_TESTS_PARTITION_BENCH_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/orchestrator.h"
#include "tests/partition/net.h"
#include "tests/support/child_process.h"
#include "tests/support/test_node.h"

namespace l3link::partition {

// Set by SIGINT and SIGTERM: everything ends and is cleared away as at the end of a test.
extern std::atomic<bool> interrupted;

class Bench {
 public:
  // Errors: as Net::Make, or a node that does not come up.
  static absl::StatusOr<std::unique_ptr<Bench>> Make();

  Net& net() { return *net_; }
  TestNode& node() { return *node_; }
  client::Orchestrator& orchestrator() { return *orchestrator_; }

  absl::Status Impose(Fault fault);
  absl::Status Heal(Fault fault);
  // Anonymous memory of the daemon, in bytes.
  uint64_t NodeMemory();
  // Connections that the node's side believes in.
  int NodeConnections();

 private:
  Bench() = default;

  std::unique_ptr<Net> net_;
  std::unique_ptr<TestNode> node_;
  std::unique_ptr<ChildProcess> chip_;
  std::unique_ptr<client::Orchestrator> orchestrator_;
};

// Polls until it holds; false: interrupted, or it hangs. The minute is a watchdog, far beyond what anything here takes.
template <typename Condition>
bool Await(Condition holds) {
  const auto hangs = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    if (interrupted || std::chrono::steady_clock::now() > hangs) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_BENCH_H_
