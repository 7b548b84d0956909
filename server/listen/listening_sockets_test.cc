#include "server/listen/listening_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kDeadAfter = absl::Seconds(5);

std::string Refused(const ListenAddress& address) {
  return std::string(ListeningSockets::Tcp(address, kDeadAfter).status().message());
}

TEST(ListeningSocketsTest, TakesAFreePortWhichNobodyElseGets) {
  absl::StatusOr<ListeningSockets> first = ListeningSockets::Tcp({"127.0.0.1", 0, true}, kDeadAfter);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_NE(first->port(), 0);
  EXPECT_THAT(Refused({"127.0.0.1", first->port(), true}), HasSubstr("Address already in use"));
  first->Close();
  EXPECT_EQ(Refused({"127.0.0.1", first->port(), true}), "");
}

TEST(ListeningSocketsTest, ConnectionsKeepLittleThatIsNotSent) {
  absl::StatusOr<ListeningSockets> sockets = ListeningSockets::Tcp({"127.0.0.1", 0, true}, kDeadAfter);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  const int caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(sockets->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(caller, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  int taken = -1;
  while (taken < 0) taken = accept4(sockets->fds()[0], nullptr, nullptr, SOCK_CLOEXEC);
  int unsent = 0, idle_ms = 0;
  socklen_t bytes = sizeof(int);
  EXPECT_EQ(getsockopt(taken, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &bytes), 0);
  EXPECT_EQ(getsockopt(taken, IPPROTO_TCP, TCP_USER_TIMEOUT, &idle_ms, &bytes), 0);
  EXPECT_EQ(unsent, 128 << 10);
  EXPECT_EQ(idle_ms, absl::ToInt64Milliseconds(kDeadAfter));
  close(taken);
  close(caller);
}

TEST(ListeningSocketsTest, SaysWhichAddressIsNone) {
  EXPECT_THAT(Refused({"192.0.2.1", 0, false}), HasSubstr("cannot listen on 192.0.2.1:0: Cannot assign"));
  EXPECT_THAT(Refused({"no.such.host.invalid", 1, false}), HasSubstr("cannot listen on no.such.host.invalid:1: "));
}

TEST(ListeningSocketsTest, AUnixSocketIsForItsOwnerAlone) {
  TempDir dir;
  const mode_t umask_before = umask(0);
  absl::StatusOr<ListeningSockets> sockets = ListeningSockets::Unix(dir / "s");
  umask(umask_before);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  struct stat file;
  ASSERT_EQ(lstat((dir / "s").c_str(), &file), 0);
  EXPECT_TRUE(S_ISSOCK(file.st_mode));
  EXPECT_EQ(file.st_mode & 07777, 0600u);
}

TEST(ListeningSocketsTest, LeavesALiveUnixSocketAlone) {
  TempDir dir;
  absl::StatusOr<ListeningSockets> live = ListeningSockets::Unix(dir / "s");
  ASSERT_TRUE(live.ok()) << live.status();
  EXPECT_THAT(std::string(ListeningSockets::Unix(dir / "s").status().message()), HasSubstr("Address already in use"));
  const std::string long_path = dir / std::string(sizeof(sockaddr_un::sun_path), 'x');
  EXPECT_THAT(std::string(ListeningSockets::Unix(long_path).status().message()), HasSubstr("longer than 107 bytes"));
}

}  // namespace
}  // namespace l3link
