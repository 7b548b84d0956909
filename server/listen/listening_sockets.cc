#include "server/listen/listening_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn
// What the kernel keeps of a connection before it can be sent. On a slow link answers to renewals wait behind it.
constexpr int kMostUnsentBytes = 128 << 10;

absl::Status CannotListen(const std::string& where, const std::string& why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", where, ": ", why));
}

bool Set(int fd, int level, int option, int value) { return setsockopt(fd, level, option, &value, sizeof(value)) == 0; }

// What accepted connections take over from their listener, and what binding needs.
bool SetTcpOptions(int fd, int family, absl::Duration dead_after) {
  return Set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&  // beside connections of an earlier run, never beside another listener
         Set(fd, IPPROTO_TCP, TCP_NODELAY, 1) && Set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsentBytes) &&
         Set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(absl::ToInt64Milliseconds(dead_after))) &&
         (family != AF_INET6 || Set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
}

void SetPort(sockaddr* address, uint16_t port) {
  if (address->sa_family == AF_INET) reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  if (address->sa_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
}

uint16_t PortOf(int fd) {
  sockaddr_storage bound = {};
  socklen_t bytes = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &bytes) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

// -1, with errno, when it cannot.
int ListenTcp(const addrinfo& info, uint16_t port, absl::Duration dead_after) {
  const int fd = socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  SetPort(info.ai_addr, port);
  if (SetTcpOptions(fd, info.ai_family, dead_after) && bind(fd, info.ai_addr, info.ai_addrlen) == 0 &&
      listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

bool NotOfThisMachine(int error) { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT; }

}  // namespace

absl::StatusOr<ListeningSockets> ListeningSockets::Tcp(const ListenAddress& address, absl::Duration dead_after) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(address.host.c_str(), nullptr, &hints, &found); error != 0) {
    return CannotListen(address.ToString(), absl::StrCat(gai_strerror(error), "; give another --listen"));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> free_found(found, freeaddrinfo);
  ListeningSockets sockets;
  sockets.port_ = address.port;
  int error = 0;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    const int fd = ListenTcp(*info, sockets.port_, dead_after);
    if (fd >= 0) {
      sockets.fds_.push_back(fd);
      if (sockets.port_ == 0) sockets.port_ = PortOf(fd);
      continue;
    }
    error = errno;
    if (!NotOfThisMachine(error)) break;
  }
  if (!sockets.fds_.empty() && (error == 0 || NotOfThisMachine(error))) return sockets;
  return CannotListen(address.ToString(),
                      absl::StrCat(strerror(error),
                                   ": taken by another process, or not an address of this host; give "
                                   "another --listen, or port 0 for a free one"));
}

absl::StatusOr<ListeningSockets> ListeningSockets::Unix(const std::string& path) {
  const std::string where = absl::StrCat("unix socket ", path);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return CannotListen(where,
                        absl::StrCat("longer than ", sizeof(address.sun_path) - 1, " bytes; give another --unix"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return CannotListen(where, strerror(errno));
  ListeningSockets sockets;
  sockets.fds_.push_back(fd);
  // The mode of an unbound socket is what bind() gives its file: so there is no moment in which others may connect.
  if (fchmod(fd, 0600) != 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, kBacklog) != 0) {
    return CannotListen(where, absl::StrCat(strerror(errno), "; give another --unix"));
  }
  return sockets;
}

void ListeningSockets::Close() {
  for (const int fd : std::exchange(fds_, {})) close(fd);
}

}  // namespace l3link
