// The processes that the contests work against, each started when first asked for: nodes with their chips, the raw server and client,
// the chip of the lane figures. All end with this object.
#ifndef L3LINK_TESTS_BENCH_FIELD_H_
#define L3LINK_TESTS_BENCH_FIELD_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/orchestrator.h"
#include "tests/bench/lanes/chip_lanes.h"
#include "tests/bench/raw/raw_client_process.h"
#include "tests/bench/raw/raw_server_process.h"
#include "tests/support/test_node.h"

namespace l3link::bench {

// A node and a client of it.
struct NodeUnderTest {
  explicit NodeUnderTest(const std::string& program) : node({"--sim-program=" + program, "--arena-bytes=2Gi"}) {}
  TestNode node;
  std::unique_ptr<client::Orchestrator> orchestrator;
};

class Field {
 public:
  // All: what it is, or why it does not start.
  absl::StatusOr<ChipLanes*> lanes();
  absl::StatusOr<RawClientProcess*> raw();
  absl::StatusOr<const client::Orchestrator*> echo() { return ClientOf(&echo_, "echo"); }
  absl::StatusOr<const client::Orchestrator*> sink() { return ClientOf(&sink_, "sink"); }
  absl::StatusOr<const client::Orchestrator*> signals();

 private:
  absl::StatusOr<const client::Orchestrator*> ClientOf(std::unique_ptr<NodeUnderTest>* node,
                                                       const std::string& program);

  std::unique_ptr<ChipLanes> lanes_;
  std::unique_ptr<RawServerProcess> raw_server_;
  std::unique_ptr<RawClientProcess> raw_;
  std::unique_ptr<NodeUnderTest> echo_, sink_, signals_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_FIELD_H_
