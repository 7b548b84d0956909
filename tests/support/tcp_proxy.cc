#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace l3link {
namespace {

constexpr int kTickMs = 1;
constexpr size_t kChunkBytes = 64 << 10;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Closes with a reset rather than an orderly end.
void Reset(int fd) {
  const linger now = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

void MakePrompt(int fd) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

struct TcpProxy::Pipe {
  int fds[2];           // client's, node's
  std::string held[2];  // read from fds[i], not yet written to the other
  bool deaf = false;

  ~Pipe() {
    Reset(fds[0]);
    Reset(fds[1]);
  }
};

TcpProxy::TcpProxy(const std::string& upstream, Tap tap)
    : tap_(std::move(tap)),
      upstream_port_(static_cast<uint16_t>(std::atoi(upstream.substr(upstream.rfind(':') + 1).c_str()))) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0) std::abort();
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  stop_.store(true);
  thread_.join();
  close(listener_);
}

void TcpProxy::Run() {
  int broken = 0, deafened = 0;
  while (!stop_.load()) {
    std::vector<pollfd> waits = {{listener_, POLLIN, 0}};
    for (const auto& pipe : pipes_) {
      for (int side = 0; side < 2; ++side) {
        const short events = (pipe->held[side].empty() ? POLLIN : 0) | (pipe->held[1 - side].empty() ? 0 : POLLOUT);
        if (events != 0 && !silent_.load() && !pipe->deaf) waits.push_back({pipe->fds[side], events, 0});
      }
    }
    poll(waits.data(), waits.size(), kTickMs);
    Accept();
    if (broken != breaks_.load()) {
      broken = breaks_.load();
      pipes_.clear();
    }
    if (deafened != deafened_.load()) {
      deafened = deafened_.load();
      for (const auto& pipe : pipes_) pipe->deaf = true;
    }
    if (silent_.load()) continue;
    std::erase_if(pipes_, [this](const std::unique_ptr<Pipe>& pipe) { return !pipe->deaf && !Move(*pipe); });
  }
  pipes_.clear();
}

void TcpProxy::Accept() {
  const int client = accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  const int node = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(upstream_port_);
  if (refusing_.load() || connect(node, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    Reset(client);
    close(node);
    return;
  }
  MakePrompt(client);
  MakePrompt(node);
  pipes_.push_back(std::unique_ptr<Pipe>(new Pipe{{client, node}, {}, false}));
  accepted_.fetch_add(1);
}

bool TcpProxy::Move(Pipe& pipe) {
  for (int side = 0; side < 2; ++side) {
    std::string& held = pipe.held[side];
    if (held.empty()) {
      held.resize(kChunkBytes);
      const ssize_t got = read(pipe.fds[side], held.data(), held.size());
      held.resize(got > 0 ? got : 0);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
      if (side == 0 && got > 0 && tap_ != nullptr) tap_(held);
    }
    if (held.empty()) continue;
    const ssize_t put = send(pipe.fds[1 - side], held.data(), held.size(), MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN) return false;
    if (put > 0) held.erase(0, put);
  }
  return true;
}

}  // namespace l3link
