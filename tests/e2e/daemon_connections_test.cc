// Connections to a real node: more than it has descriptors for, and such as say nothing.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

class DaemonConnectionsTest : public testing::Test {
 protected:
  ~DaemonConnectionsTest() override { CloseAll(); }

  std::string Target(bool tcp) const { return tcp ? bench_.node.tcp_target() : bench_.node.unix_target(); }

  // A connection that says nothing. The kernel lets it in, whether the node takes it or not.
  int ConnectSilently(bool tcp) {
    const int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_GE(fd, 0);
    fds_.push_back(fd);
    if (tcp) {
      const std::string& target = bench_.node.tcp_target();
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<uint16_t>(std::stoi(target.substr(target.rfind(':') + 1))));
      EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    } else {
      sockaddr_un address = {};
      address.sun_family = AF_UNIX;
      strcpy(address.sun_path, bench_.node.unix_path().c_str());
      EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    }
    return fd;
  }
  void CloseAll() {
    for (const int fd : fds_) close(fd);
    fds_.clear();
  }

  size_t NodesDescriptors() {
    size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(bench_.node.process().pid()) + "/fd")) {
      count += entry.path().empty() ? 0 : 1;
    }
    return count;
  }
  void LimitNodesDescriptors(size_t most) {
    const rlimit limit = {most, most};
    ASSERT_EQ(prlimit(bench_.node.process().pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  }
  void AwaitLog(const std::string& words) {
    while (bench_.node.log().find(words) == std::string::npos) {
      ASSERT_FALSE(bench_.node.process().Poll().has_value()) << bench_.node.log();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  ChannelBench bench_{"echo", "host_to_chip_lanes: 1 chip_to_host_lanes: 1"};

 private:
  std::vector<int> fds_;
};

class DaemonDescriptorsTest : public DaemonConnectionsTest, public testing::WithParamInterface<bool> {};

TEST_P(DaemonDescriptorsTest, WithoutDescriptorsStreamsGoOnAndNewOnesComeInWhenOthersHaveEnded) {
  auto channels = v1::ChannelService::NewStub(bench_.node.ConnectTo(Target(GetParam())));
  RawStream stream(*channels);
  stream.Send("attach { channel { name: 'c' } host_to_chip { lane: 0 } chip_to_host { lane: 0 } }");
  stream.ReceiveAttached();
  uint64_t sent = 0;
  const auto round_trip = [&] {
    stream.Send("messages { first_sequence: " + std::to_string(sent) + " messages { text: 'x' } }");
    EXPECT_EQ(stream.ReceiveOf(v1::StreamResponse::kMessages).messages().messages_size(), 1);
    stream.Send("ack { through: " + std::to_string(++sent) + " }");
  };
  round_trip();
  LimitNodesDescriptors(NodesDescriptors() + 100);
  for (int i = 0; i < 150; ++i) ConnectSilently(GetParam());
  AwaitLog("out of file descriptors");
  round_trip();
  // Whoever comes now waits, and is served as soon as there is room.
  auto late = v1::NodeService::NewStub(bench_.node.ConnectTo(Target(GetParam())));
  std::thread caller([&] {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    v1::GetNodeResponse response;
    const grpc::Status status = late->GetNode(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  });
  round_trip();
  CloseAll();
  caller.join();
  round_trip();
  AwaitLog("file descriptors are there again");
}

TEST_F(DaemonConnectionsTest, ThoseThatSayNothingAreClosed) {
  std::vector<int> silent;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(ConnectSilently(true));
    silent.push_back(ConnectSilently(false));
  }
  char bytes[512];
  for (const int fd : silent) {
    while (read(fd, bytes, sizeof(bytes)) > 0) {  // the node may say something first: its settings, a ping
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Over, DaemonDescriptorsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Tcp" : "Unix"; });

}  // namespace
}  // namespace l3link
