// Bad input to the node's unary calls: each gets its code, its reason and the names and limits concerned, and harms nothing.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using testing::HasSubstr;

class DaemonRefusalsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    node_ = new TestNode({"--platform=a2a3sim=1,a5=1", "--max-objects=8", "--arena-bytes=16MiB"});
  }
  static void TearDownTestSuite() {
    delete node_;
    node_ = nullptr;
  }
  void SetUp() override {
    ASSERT_TRUE(node_->ready()) << node_->log();
    channels_ = v1::ChannelService::NewStub(node_->Connect());
    nodes_ = v1::NodeService::NewStub(node_->Connect());
  }
  // The node answers on, and nothing was left open.
  void TearDown() override {
    grpc::ClientContext context;
    v1::ListChannelsResponse list;
    ASSERT_TRUE(channels_->ListChannels(&context, {}, &list).ok());
    for (const v1::Channel& channel : list.channels()) {
      grpc::ClientContext close_context;
      v1::CloseChannelRequest close;
      v1::CloseChannelResponse closed;
      *close.mutable_channel() = channel.id();
      EXPECT_TRUE(channels_->CloseChannel(&close_context, close, &closed).ok());
    }
  }

  grpc::Status Open(const v1::OpenChannelRequest& request, v1::OpenChannelResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::OpenChannelResponse unused;
    return channels_->OpenChannel(&context, request, response ? response : &unused);
  }
  v1::ChannelId OpenNamed(const std::string& name) {
    v1::OpenChannelRequest request;
    v1::OpenChannelResponse response;
    request.set_name(name);
    const grpc::Status status = Open(request, &response);
    EXPECT_TRUE(status.ok()) << Describe(status);
    return response.channel().id();
  }
  grpc::Status Get(const v1::ChannelId& id, v1::GetChannelResponse* response) {
    grpc::ClientContext context;
    v1::GetChannelRequest request;
    *request.mutable_channel() = id;
    return channels_->GetChannel(&context, request, response);
  }
  grpc::Status Close(const v1::ChannelId& id) {
    grpc::ClientContext context;
    v1::CloseChannelRequest request;
    v1::CloseChannelResponse response;
    *request.mutable_channel() = id;
    return channels_->CloseChannel(&context, request, &response);
  }
  static void ExpectRefused(const grpc::Status& status, grpc::StatusCode code, const std::string& reason) {
    EXPECT_EQ(status.error_code(), code) << Describe(status);
    EXPECT_EQ(ReasonOf(status), reason) << Describe(status);
    EXPECT_FALSE(status.error_message().empty());
    EXPECT_FALSE(MetadataOf(status)["remedy"].empty());
  }

  static TestNode* node_;
  std::unique_ptr<v1::ChannelService::Stub> channels_;
  std::unique_ptr<v1::NodeService::Stub> nodes_;
};

TestNode* DaemonRefusalsTest::node_ = nullptr;

TEST_F(DaemonRefusalsTest, EveryWrongFieldOfAConfigIsNamed) {
  const struct {
    const char* field;
    std::function<void(v1::ChannelConfig*)> set;
  } rows[] = {
      {"lane_depth", [](auto* c) { c->set_lane_depth(3); }},
      {"lane_depth", [](auto* c) { c->set_lane_depth(131072); }},
      {"lane_depth", [](auto* c) { c->set_lane_depth(UINT32_MAX); }},
      {"max_message_bytes", [](auto* c) { c->set_max_message_bytes((64u << 20) + 1); }},
      {"max_message_bytes", [](auto* c) { c->set_max_message_bytes(UINT32_MAX); }},
      {"payload_ring_bytes", [](auto* c) { c->set_payload_ring_bytes(8191); }},
      {"payload_ring_bytes", [](auto* c) { c->set_payload_ring_bytes(UINT64_MAX); }},
      {"alignment", [](auto* c) { c->set_alignment(4); }},
      {"alignment", [](auto* c) { c->set_alignment(48); }},
      {"alignment", [](auto* c) { c->set_alignment(1024); }},
      {"host_to_chip_lanes", [](auto* c) { c->set_host_to_chip_lanes(4097); }},
      {"chip_to_host_lanes", [](auto* c) { c->set_chip_to_host_lanes(UINT32_MAX); }},
  };
  for (const auto& row : rows) {
    v1::OpenChannelRequest request;
    row.set(request.mutable_config());
    const grpc::Status status = Open(request);
    ExpectRefused(status, grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD");
    EXPECT_THAT(MetadataOf(status)["field"], HasSubstr(row.field)) << request.ShortDebugString();
    EXPECT_THAT(status.error_message(), HasSubstr(row.field));
  }
}

TEST_F(DaemonRefusalsTest, NamesAreShortAndPlain) {
  for (const std::string& name :
       {std::string("a b"), std::string("a/b"), std::string(48, 'x'), std::string("\xc3\xa9")}) {
    v1::OpenChannelRequest request;
    request.set_name(name);
    ExpectRefused(Open(request), grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD");
  }
  OpenNamed(std::string(47, 'x'));
}

TEST_F(DaemonRefusalsTest, UnknownWorkersAreCounted) {
  v1::OpenChannelRequest request;
  request.set_worker_id(2);
  const grpc::Status status = Open(request);
  ExpectRefused(status, grpc::NOT_FOUND, "WORKER_NOT_FOUND");
  EXPECT_EQ(MetadataOf(status)["workers"], "2");
  EXPECT_THAT(status.error_message(), HasSubstr("2 workers (0 to 1)"));
}

TEST_F(DaemonRefusalsTest, AnUnsupportedPlatformSaysSo) {
  v1::OpenChannelRequest request;
  request.set_worker_id(1);
  const grpc::Status status = Open(request);
  ExpectRefused(status, grpc::UNIMPLEMENTED, "PLATFORM_UNSUPPORTED");
  EXPECT_THAT(status.error_message(), HasSubstr("not supported on a5"));
}

TEST_F(DaemonRefusalsTest, UnknownChannelsAndLanesAreNamed) {
  v1::ChannelId id;
  v1::GetChannelResponse got;
  id.set_name("nowhere");
  ExpectRefused(Get(id, &got), grpc::NOT_FOUND, "CHANNEL_NOT_FOUND");
  id = OpenNamed("two");
  grpc::ClientContext reset_context, release_context, direction_context;
  v1::ResetLaneRequest reset;
  v1::ResetLaneResponse reset_done;
  *reset.mutable_channel() = id;
  reset.set_lane(1);
  ExpectRefused(nodes_->ResetLane(&direction_context, reset, &reset_done), grpc::INVALID_ARGUMENT,
                "INVALID_ARGUMENT_FIELD");  // no direction
  reset.set_direction(v1::DIRECTION_HOST_TO_CHIP);
  const grpc::Status no_lane = nodes_->ResetLane(&reset_context, reset, &reset_done);
  ExpectRefused(no_lane, grpc::NOT_FOUND, "LANE_NOT_FOUND");
  EXPECT_EQ(MetadataOf(no_lane)["lane_count"], "1");
  v1::ReleaseLeaseRequest release;
  v1::ReleaseLeaseResponse released;
  *release.mutable_channel() = id;
  release.set_direction(v1::DIRECTION_CHIP_TO_HOST);
  ExpectRefused(nodes_->ReleaseLease(&release_context, release, &released), grpc::NOT_FOUND, "LEASE_NOT_FOUND");
}

TEST_F(DaemonRefusalsTest, ATakenNameNeedsTheSameConfig) {
  OpenNamed("taken");
  v1::OpenChannelRequest same, other;
  v1::OpenChannelResponse response;
  same.set_name("taken");
  ASSERT_TRUE(Open(same, &response).ok());
  EXPECT_FALSE(response.created());
  other.set_name("taken");
  other.mutable_config()->set_lane_depth(8);
  ExpectRefused(Open(other), grpc::ALREADY_EXISTS, "CONFIG_MISMATCH");
}

TEST_F(DaemonRefusalsTest, AnIdFromBeforeACloseNeverReachesTheNextChannel) {
  const v1::ChannelId old = OpenNamed("again");
  ASSERT_TRUE(Close(old).ok());
  const v1::ChannelId now = OpenNamed("again");
  v1::GetChannelResponse got;
  const grpc::Status stale = Get(old, &got);
  ExpectRefused(stale, grpc::FAILED_PRECONDITION, "STALE_ID");
  EXPECT_EQ(MetadataOf(stale)["current_generation"], std::to_string(now.generation()));
  ExpectRefused(Close(old), grpc::FAILED_PRECONDITION, "STALE_ID");
  EXPECT_TRUE(Get(now, &got).ok());
}

TEST_F(DaemonRefusalsTest, AFullArenaSaysHowMuchWasAskedAndIsFree) {
  v1::OpenChannelRequest request;
  request.set_name("huge");
  request.mutable_config()->set_max_message_bytes(16 << 20);
  const grpc::Status status = Open(request);
  ExpectRefused(status, grpc::RESOURCE_EXHAUSTED, "ARENA_FULL");
  EXPECT_FALSE(MetadataOf(status)["bytes"].empty());
  EXPECT_FALSE(MetadataOf(status)["free_bytes"].empty());
  OpenNamed("small");  // there is still room for others
}

TEST_F(DaemonRefusalsTest, TheNumberOfObjectsIsLimited) {
  grpc::Status status;
  for (int i = 0; i < 9 && status.ok(); ++i) {
    v1::OpenChannelRequest request;
    request.mutable_config()->set_max_message_bytes(64);
    status = Open(request);
  }
  ExpectRefused(status, grpc::RESOURCE_EXHAUSTED, "LIMIT_REACHED");
  EXPECT_EQ(MetadataOf(status)["maximum"], "8");
}

TEST_F(DaemonRefusalsTest, ResetGivesAFreshGeneration) {
  const v1::ChannelId id = OpenNamed("reset");
  v1::GetChannelResponse before;
  ASSERT_TRUE(Get(id, &before).ok());
  grpc::ClientContext context;
  v1::ResetLaneRequest reset;
  v1::ResetLaneResponse done;
  *reset.mutable_channel() = id;
  reset.set_direction(v1::DIRECTION_CHIP_TO_HOST);
  const grpc::Status status = nodes_->ResetLane(&context, reset, &done);
  ASSERT_TRUE(status.ok()) << Describe(status);
  EXPECT_NE(done.lane().generation(), before.channel().lanes(1).generation());
  EXPECT_EQ(done.lane().published(), 0u);
  EXPECT_THAT(node_->log(), HasSubstr("chip_to_host lane 0 reset by anonymous (ipv4:127.0.0.1:"));
}

TEST_F(DaemonRefusalsTest, PeekNeedsAFormForPeople) {
  const v1::ChannelId id = OpenNamed("peek");
  grpc::ClientContext packed_context, context;
  v1::PeekRequest request;
  v1::PeekResponse response;
  *request.mutable_channel() = id;
  request.set_form(v1::FORM_PACKED);
  ExpectRefused(channels_->Peek(&packed_context, request, &response), grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD");
  request.clear_form();
  ASSERT_TRUE(channels_->Peek(&context, request, &response).ok());
  EXPECT_EQ(response.messages_size(), 0);
  EXPECT_EQ(response.lane().direction(), v1::DIRECTION_CHIP_TO_HOST);
}

}  // namespace
}  // namespace l3link
