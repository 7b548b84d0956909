// State that an earlier daemon left, under a daemon with other flags: what is kept, what is discarded, what is said of it.
#include <sys/stat.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

bool Exists(const std::string& path) {
  struct stat there;
  return lstat(path.c_str(), &there) == 0;
}

// Ends with a channel open on the worker, so that its state is kept.
void LeaveChannel(TestNode& node, uint32_t worker_id) {
  ASSERT_TRUE(node.ready()) << node.log();
  grpc::ClientContext context;
  v1::OpenChannelRequest request;
  request.set_worker_id(worker_id);
  request.set_name("kept");
  v1::OpenChannelResponse response;
  const grpc::Status status = v1::ChannelService::NewStub(node.Connect())->OpenChannel(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(node.Terminate(), 0) << node.log();
}

TEST(DaemonKeptStateTest, ChipsThatTheNodeNoLongerHasAreNamedAndDiscarded) {
  TestNode two({"--chips=2"});
  ASSERT_NO_FATAL_FAILURE(LeaveChannel(two, 1));
  const std::string journal = two.state_dir() + "/private/chip-1.journal", arena = two.state_dir() + "/chips/1/arena";
  ASSERT_TRUE(Exists(journal) && Exists(arena));
  TestNode one({"--chips=1", "--state-dir=" + two.state_dir()});
  ASSERT_TRUE(one.ready()) << one.log();
  EXPECT_THAT(one.log(), HasSubstr("holds state of workers that this node does not have: 1; "));
  EXPECT_EQ(one.Terminate(), 0);
  EXPECT_TRUE(Exists(journal) && Exists(arena));
  TestNode anew({"--chips=1", "--discard-state", "--state-dir=" + two.state_dir()});
  ASSERT_TRUE(anew.ready()) << anew.log();
  EXPECT_THAT(anew.log(), AllOf(HasSubstr("--discard-state: "), Not(HasSubstr("does not have"))));
  EXPECT_FALSE(Exists(journal) || Exists(arena));
}

TEST(DaemonKeptStateTest, SizesThatKeptStateOverrulesAreNamed) {
  TestNode before({"--arena-bytes=64MiB", "--max-objects=100"});
  ASSERT_NO_FATAL_FAILURE(LeaveChannel(before, 0));
  TestNode after({"--arena-bytes=128MiB", "--state-dir=" + before.state_dir()});
  ASSERT_TRUE(after.ready()) << after.log();
  EXPECT_THAT(after.log(), HasSubstr("arena of 64 MiB is kept; --arena-bytes 128 MiB takes effect when nothing is "
                                     "kept (--discard-state); directory of 100 objects is kept; --max-objects "));
}

}  // namespace
}  // namespace l3link
