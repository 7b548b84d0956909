// A state directory whose tmpfs is full: an error that says what is needed and how to raise it, never a SIGBUS.
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "client/orchestrator.h"
#include "gtest/gtest.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

// A tmpfs of stated size, unmounted at the end.
class SmallTmpfs {
 public:
  explicit SmallTmpfs(const std::string& options)
      : mounted_(mount("tmpfs", dir_.path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0) {}
  ~SmallTmpfs() {
    if (mounted_) umount2(dir_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string operator/(const std::string& name) const { return dir_ / name; }

 private:
  TempDir dir_;
  const bool mounted_;
};

TEST(DaemonSpaceTest, AFullTmpfsRefusesOpensAndHarmsNoOpenChannel) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount a tmpfs";
  SmallTmpfs tmpfs("size=8m,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  TestNode node({"--state-dir=" + (tmpfs / "state")});
  ASSERT_TRUE(node.ready()) << node.log();
  auto stub = v1::ChannelService::NewStub(node.Connect());
  grpc::Status status;
  int opened = 0;
  for (; opened < 100; ++opened) {
    grpc::ClientContext context;
    v1::OpenChannelRequest request;
    v1::OpenChannelResponse response;
    request.mutable_config()->set_max_message_bytes(256 << 10);
    request.mutable_config()->set_lane_depth(4);
    status = stub->OpenChannel(&context, request, &response);
    if (!status.ok()) break;
  }
  EXPECT_GT(opened, 0);
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED) << Describe(status);
  EXPECT_EQ(ReasonOf(status), "STATE_SPACE_FULL") << Describe(status);
  EXPECT_NE(MetadataOf(status)["remedy"].find("--state-dir"), std::string::npos);
  grpc::ClientContext context;
  v1::ListChannelsResponse list;
  ASSERT_TRUE(stub->ListChannels(&context, {}, &list).ok());
  EXPECT_EQ(list.channels_size(), opened);
  EXPECT_EQ(node.Terminate(), 0) << node.log();
}

TEST(DaemonSpaceTest, WhereNoSessionCanBeKeptNotifiesGoTheOtherWay) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount a tmpfs";
  SmallTmpfs tmpfs("size=16m,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  TestNode node({"--state-dir=" + (tmpfs / "state")});
  ASSERT_TRUE(node.ready()) << node.log();
  const auto orchestrator = client::Orchestrator::Connect({node.tcp_target()});
  ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
  v1::RegionConfig config;
  config.set_data_bytes(64);
  const auto region = (*orchestrator)->OpenRegion(0, "notified", config);
  ASSERT_TRUE(region.ok()) << region.status();
  const client::SignalChange add = {.signal = 0, .value = 1, .op = client::SignalOp::kAdd};
  ASSERT_EQ((*region)->Notify(add).value(), 1u);  // the memory of request ids is there
  std::ofstream filler(tmpfs / "filler", std::ios::binary);
  while (filler.write(std::string(4096, 'x').data(), 4096).flush()) {
  }
  for (uint64_t value = 2; value <= 100; ++value) {
    const auto notified = (*region)->Notify(add);
    ASSERT_TRUE(notified.ok()) << notified.status();
    EXPECT_EQ(*notified, value);
  }
}

TEST(DaemonSpaceTest, NoRoomForTheArenasHeaderIsARefusalToStart) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount a tmpfs";
  SmallTmpfs tmpfs("size=16k,mode=0700");
  if (!tmpfs.mounted()) GTEST_SKIP() << "mounting is not allowed here";
  TestNode node({"--state-dir=" + (tmpfs / "state")});
  EXPECT_FALSE(node.ready());
  EXPECT_EQ(node.process().Wait(), 1) << node.log();
}

TEST(DaemonSpaceTest, AStateDirectoryOnDiskIsAWarning) {
  TempDir disk("/var/tmp");
  TestNode node({"--state-dir=" + (disk / "state"), "--unix=none"});
  ASSERT_TRUE(node.ready()) << node.log();
  const bool warned = node.log().find("is not on tmpfs") != std::string::npos;
  EXPECT_TRUE(warned || node.log().find(", in memory,") != std::string::npos) << node.log();
}

}  // namespace
}  // namespace l3link
