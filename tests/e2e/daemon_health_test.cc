// Health of node, services and chips; reflection and channelz, as the usual clients see them.
#include <chrono>
#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus Check(const TestNode& node, const std::string& name) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  HealthCheckResponse response;
  request.set_service(name);
  const grpc::Status status = Health::NewStub(node.Connect())->Check(&context, request, &response);
  return status.error_code() == grpc::NOT_FOUND ? HealthCheckResponse::SERVICE_UNKNOWN : response.status();
}

// Watches until the name has that status.
void AwaitHealth(const TestNode& node, const std::string& name, HealthCheckResponse::ServingStatus wanted) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  HealthCheckResponse response;
  request.set_service(name);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));  // a hang is a failure, in words
  auto watch = Health::NewStub(node.Connect())->Watch(&context, request);
  while (response.status() != wanted) ASSERT_TRUE(watch->Read(&response)) << name;
}

TEST(DaemonHealthTest, NodeServicesAndChipsHaveNames) {
  TestNode node({"--platform=a2a3sim=1,a5=1"});
  ASSERT_TRUE(node.ready()) << node.log();
  for (const char* name :
       {"", "l3link.v1.NodeService", "l3link.v1.ChannelService", "l3link.v1.MemoryService", "grpc.health.v1.Health"}) {
    EXPECT_EQ(Check(node, name), HealthCheckResponse::SERVING) << name;
  }
  AwaitHealth(node, "chip/0", HealthCheckResponse::SERVING);
  EXPECT_EQ(Check(node, "chip/1"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check(node, "chip/2"), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST(DaemonHealthTest, AChipServesWhileItsProgramRuns) {
  TestNode node({"--sim-chip=external"});
  ASSERT_TRUE(node.ready()) << node.log();
  EXPECT_EQ(Check(node, ""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check(node, "chip/0"), HealthCheckResponse::NOT_SERVING);
  {
    ChildOptions options;
    options.arguments = {"--arena=" + node.state_dir() + "/chips/0/arena", "--program=echo"};
    ChildProcess chip(RunfilePath("backends/sim/chip/l3link-sim-chip"), options);
    AwaitHealth(node, "chip/0", HealthCheckResponse::SERVING);
    grpc::ClientContext context;
    v1::ListChipsResponse chips;
    ASSERT_TRUE(v1::NodeService::NewStub(node.Connect())->ListChips(&context, {}, &chips).ok());
    EXPECT_EQ(chips.chips(0).state(), v1::CHIP_STATE_RUNNING);
    EXPECT_EQ(chips.chips(0).attach_count(), 1u);
    chip.KillGroup();
    AwaitHealth(node, "chip/0", HealthCheckResponse::NOT_SERVING);
  }
  EXPECT_EQ(node.Terminate(), 0) << node.log();
}

}  // namespace
}  // namespace l3link
