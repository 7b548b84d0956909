#include "server/listen/peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

std::string NameOf(int fd) { return "fd:" + std::to_string(fd); }

TEST(PeerTest, OverTcpIsAnonymous) {
  EXPECT_EQ(*PrincipalOf("ipv4:10.0.0.7:41234"), "anonymous");
  EXPECT_EQ(*PrincipalOf("ipv6:%5B::1%5D:41234"), "anonymous");
  EXPECT_EQ(PeerLabel("ipv4:10.0.0.7:41234"), "anonymous (ipv4:10.0.0.7:41234)");
}

TEST(PeerTest, OverAUnixSocketIsWhoConnected) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const std::string uid = "uid:" + std::to_string(geteuid());
  EXPECT_EQ(*PrincipalOf(NameOf(pair[0])), uid);
  close(pair[1]);  // the credentials outlive the peer
  EXPECT_EQ(*PrincipalOf(NameOf(pair[0])), uid);
  EXPECT_EQ(PeerLabel(NameOf(pair[0])), uid + " (pid " + std::to_string(getpid()) + ")");
  close(pair[0]);
}

// A call may be asked when its connection is gone, or be of a kind that nobody thought of: then it is nobody's, and not anonymous.
TEST(PeerTest, WhatIsNeitherIsNobody) {
  int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int closed = dup(tcp);
  close(closed);
  for (const std::string& peer :
       {std::string("unknown"), std::string(""), std::string("unix:"), std::string("fd:"), std::string("fd:-1"),
        std::string("fd:x"), NameOf(pipe_ends[0]), NameOf(tcp), NameOf(closed), std::string("inproc")}) {
    EXPECT_TRUE(absl::IsCancelled(PrincipalOf(peer).status())) << peer;
    EXPECT_EQ(PeerLabel(peer), peer);
  }
  for (const int fd : {pipe_ends[0], pipe_ends[1], tcp}) close(fd);
}

}  // namespace
}  // namespace l3link
