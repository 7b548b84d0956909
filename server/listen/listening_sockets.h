// Sockets that listen: bound, and closed with the object. Made by Server, on main's thread.
//
// They are as gRPC's own would be (no delay, dead peers given up after `dead_after`, no port shared), but ours to accept from.
#ifndef L3LINK_SERVER_LISTEN_LISTENING_SOCKETS_H_
#define L3LINK_SERVER_LISTEN_LISTENING_SOCKETS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/options/parse_values.h"

namespace l3link {

class ListeningSockets {
 public:
  ListeningSockets() = default;
  ListeningSockets(ListeningSockets&& other) noexcept : fds_(std::exchange(other.fds_, {})), port_(other.port_) {}
  ListeningSockets& operator=(ListeningSockets&& other) noexcept {
    std::swap(fds_, other.fds_);
    port_ = other.port_;
    return *this;
  }
  ~ListeningSockets() { Close(); }

  // Every address that the host's name stands for; those that this machine does not have are left out if others remain.
  static absl::StatusOr<ListeningSockets> Tcp(const ListenAddress& address, absl::Duration dead_after);
  // Mode 0600 from its first moment. Nothing lies at `path`, and nobody else binds it: the caller holds its SocketPath.
  static absl::StatusOr<ListeningSockets> Unix(const std::string& path);

  const std::vector<int>& fds() const { return fds_; }
  uint16_t port() const { return port_; }  // the one that was taken
  void Close();

 private:
  std::vector<int> fds_;
  uint16_t port_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_LISTEN_LISTENING_SOCKETS_H_
