#include "tests/support/connect_as.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace l3link {
namespace {

[[noreturn]] void Die(const char* what) {
  perror(what);
  abort();
}

int ConnectedSocket(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) Die("path too long");
  memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Die("socket");
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Die("connect");
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) Die("fcntl");
  return fd;
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectAs(uid_t uid, const std::string& unix_path) {
  int fd = -1;
  // The system call itself makes one thread another user; glibc's seteuid() would make all of them.
  std::thread user([&] {
    if (uid != geteuid() && syscall(SYS_setresuid, uid, uid, uid) != 0) Die("setresuid");
    fd = ConnectedSocket(unix_path);
  });
  user.join();
  return grpc::CreateInsecureChannelFromFd("node", fd);
}

}  // namespace l3link
