#include "client/worker_address.h"

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

TEST(WorkerAddressTest, ReadsAnIndexAlone) {
  EXPECT_EQ(WorkerAddress(3).worker(), 3u);
  EXPECT_EQ(WorkerAddress("3").worker(), 3u);
  EXPECT_EQ(WorkerAddress("3").node(), "");
  EXPECT_TRUE(WorkerAddress("3").status().ok());
}

TEST(WorkerAddressTest, SplitsAtTheLastSlash) {
  const WorkerAddress address("unix:/run/a.sock/12");
  EXPECT_TRUE(address.status().ok());
  EXPECT_EQ(address.node(), "unix:/run/a.sock");
  EXPECT_EQ(address.worker(), 12u);
}

TEST(WorkerAddressTest, RefusesWhatIsNoIndex) {
  for (const char* text : {"", "node", "node/", "node/x", "/0", "node/-1", "node/4294967296"}) {
    EXPECT_EQ(WorkerAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace l3link::client
