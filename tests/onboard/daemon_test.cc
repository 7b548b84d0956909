// l3linkd with a2a3 beside other platforms, by stand-ins for the vendor's libraries, and without them. The chip is another
// process, which maps the memory that the stand-ins call the device's.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/ascend/testing/stand_ins.h"
#include "client/orchestrator.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/child_process.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const char kPlatforms[] = "--platform=a5=1,a2a3=1,a2a3sim=1";

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class OnboardDaemonTest : public testing::Test {
 protected:
  void Start(const std::vector<std::string>& more_flags, const std::vector<std::string>& more_environment = {}) {
    std::vector<std::string> flags = {kPlatforms, "--arena-bytes=16MiB", "--max-objects=64", "--sim-program=echo"};
    flags.insert(flags.end(), more_flags.begin(), more_flags.end());
    std::vector<std::string> environment = {"STAND_IN_DIR=" + dir_.path()};
    environment.insert(environment.end(), more_environment.begin(), more_environment.end());
    node_ = std::make_unique<TestNode>(flags, environment);
    ASSERT_TRUE(node_->ready()) << node_->log();
    channels_ = v1::ChannelService::NewStub(node_->Connect());
  }
  grpc::Status Open(uint32_t worker_id) {
    grpc::ClientContext context;
    v1::OpenChannelResponse response;
    return channels_->OpenChannel(
        &context, Parse<v1::OpenChannelRequest>("name: 'mail' worker_id: " + std::to_string(worker_id)), &response);
  }
  // What worker `worker_id` answers to one message.
  std::string Echoed(uint32_t worker_id, const std::string& text) {
    const std::string channel = "channel { name: 'mail' worker_id: " + std::to_string(worker_id) + " } ";
    grpc::ClientContext send_context, receive_context;
    v1::SendResponse sent;
    grpc::Status status =
        channels_->Send(&send_context, Parse<v1::SendRequest>(channel + "messages { text: '" + text + "' }"), &sent);
    v1::ReceiveResponse received;
    if (status.ok()) {
      status = channels_->Receive(&receive_context, Parse<v1::ReceiveRequest>(channel + "timeout { seconds: 60 }"),
                                  &received);
    }
    return received.messages_size() == 1 ? received.messages(0).text() : Describe(status);
  }
  v1::Chip Chip(int worker_id) {
    grpc::ClientContext context;
    v1::ListChipsResponse response;
    EXPECT_TRUE(v1::NodeService::NewStub(node_->Connect())->ListChips(&context, {}, &response).ok());
    return response.chips(worker_id);
  }
  void ExpectA5Refused() {
    const grpc::Status a5 = Open(0);
    EXPECT_EQ(a5.error_code(), grpc::UNIMPLEMENTED) << Describe(a5);
    EXPECT_EQ(ReasonOf(a5), "PLATFORM_UNSUPPORTED");
    EXPECT_THAT(a5.error_message(), HasSubstr("not supported on a5"));
    grpc::ClientContext context;
    v1::OpenRegionResponse response;
    const grpc::Status region =
        v1::MemoryService::NewStub(node_->Connect())
            ->OpenRegion(&context, Parse<v1::OpenRegionRequest>("name: 'r' config { data_bytes: 64 }"), &response);
    EXPECT_EQ(region.error_code(), grpc::UNIMPLEMENTED) << Describe(region);
    EXPECT_EQ(Chip(0).detail(), "not supported on a5");
    EXPECT_FALSE(Chip(0).supported());
  }

  TempDir dir_;
  std::unique_ptr<TestNode> node_;
  std::unique_ptr<v1::ChannelService::Stub> channels_;
};

TEST_F(OnboardDaemonTest, MessagesOverGrpcReachAProgramInDeviceMemory) {
  Start({"--ascend-hal=" + StandInPath("libascend_hal.so"), "--ascend-acl=" + StandInPath("libascendcl.so")});
  EXPECT_THAT(node_->log(), HasSubstr("chip 1    a2a3, arena 16 MiB, its program is started elsewhere"));
  ChildOptions options;
  options.arguments = {"--arena=" + (dir_ / "device-0"), "--program=echo"};
  ChildProcess program(RunfilePath("backends/sim/chip/l3link-sim-chip"), options);
  for (uint32_t worker_id : {1u, 2u}) {
    const grpc::Status opened = Open(worker_id);
    ASSERT_TRUE(opened.ok()) << Describe(opened);
    EXPECT_EQ(Echoed(worker_id, "of worker " + std::to_string(worker_id)), "of worker " + std::to_string(worker_id));
  }
  EXPECT_EQ(Chip(1).platform(), "a2a3");
  EXPECT_TRUE(Chip(1).supported());
  ExpectA5Refused();
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_EQ(node_->Terminate(), 0) << node_->log();
}

TEST_F(OnboardDaemonTest, TheLibrariesAreFoundByName) {
  Start({}, {"LD_LIBRARY_PATH=" + StandInPath("")});
  EXPECT_TRUE(Chip(1).supported()) << Chip(1).detail();
  EXPECT_TRUE(Open(1).ok());
}

TEST_F(OnboardDaemonTest, WithoutTheLibraryTheNodeServesTheRestAndSaysWhatIsMissing) {
  Start({"--ascend-hal=/nowhere/libascend_hal.so"});
  const auto words = AllOf(HasSubstr("not supported on a2a3"), HasSubstr("no usable libascend_hal.so"),
                           HasSubstr("/nowhere/libascend_hal.so"), HasSubstr("--ascend-hal FILE"));
  EXPECT_THAT(node_->log(), words);
  EXPECT_THAT(Chip(1).detail(), words);
  const grpc::Status refused = Open(1);
  EXPECT_EQ(refused.error_code(), grpc::UNIMPLEMENTED);
  EXPECT_EQ(ReasonOf(refused), "PLATFORM_UNSUPPORTED");
  EXPECT_THAT(refused.error_message(), words);
  ASSERT_TRUE(Open(2).ok());
  EXPECT_EQ(Echoed(2, "simulated"), "simulated");
  ExpectA5Refused();
}

TEST_F(OnboardDaemonTest, AnOrchestratorIsRefusedOnAnA5AndServedBesideIt) {
  Start({});
  const auto orchestrator = client::Orchestrator::Connect({node_->tcp_target()}).value();
  EXPECT_EQ(orchestrator->ListChips().value().size(), 3u);
  v1::RegionConfig region;
  region.set_data_bytes(64);
  for (const absl::Status& refused :
       {orchestrator->OpenChannel(0, "mail").status(), orchestrator->OpenRegion(0, "notes", region).status()}) {
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnimplemented) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("not supported on a5"));
  }
  EXPECT_TRUE(orchestrator->OpenChannel(2, "mail").ok());
}

TEST_F(OnboardDaemonTest, AFullDeviceEndsTheStartWithItsName) {
  const Finished finished =
      RunToEnd(RunfilePath("server/l3linkd"),
               {"--listen=none", "--state-dir=" + (dir_ / "state"), "--platform=a2a3",
                "--ascend-hal=" + StandInPath("libascend_hal.so"), "--ascend-acl=" + StandInPath("libascendcl.so")},
               {"STAND_IN_FAIL=aclrtMalloc=207001"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("device 0: aclrtMalloc of 1073741824 bytes failed with 207001"));
}

}  // namespace
}  // namespace l3link
