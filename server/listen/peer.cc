#include "server/listen/peer.h"

#include <sys/socket.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace l3link {
namespace {

constexpr char kAnonymous[] = "anonymous";

bool IsTcp(absl::string_view grpc_peer) {
  return absl::StartsWith(grpc_peer, "ipv4:") || absl::StartsWith(grpc_peer, "ipv6:");
}

template <typename T>
absl::optional<T> SocketOption(int fd, int option) {
  T value = {};
  socklen_t bytes = sizeof(value);
  if (getsockopt(fd, SOL_SOCKET, option, &value, &bytes) != 0 || bytes != sizeof(value)) return absl::nullopt;
  return value;
}

// Of a unix connection that gRPC knows by its descriptor.
absl::optional<ucred> UnixPeer(absl::string_view grpc_peer) {
  int fd = -1;
  if (!absl::ConsumePrefix(&grpc_peer, "fd:") || !absl::SimpleAtoi(grpc_peer, &fd)) return absl::nullopt;
  if (SocketOption<int>(fd, SO_DOMAIN) != AF_UNIX) return absl::nullopt;
  return SocketOption<ucred>(fd, SO_PEERCRED);
}

std::string UidPrincipal(const ucred& peer) { return absl::StrCat("uid:", peer.uid); }

}  // namespace

absl::StatusOr<std::string> PrincipalOf(const std::string& grpc_peer) {
  if (IsTcp(grpc_peer)) return kAnonymous;
  const absl::optional<ucred> peer = UnixPeer(grpc_peer);
  if (peer.has_value()) return UidPrincipal(*peer);
  return absl::CancelledError(absl::StrCat("the connection is gone (", grpc_peer, ")"));
}

std::string PeerLabel(const std::string& grpc_peer) {
  if (IsTcp(grpc_peer)) return absl::StrCat(kAnonymous, " (", grpc_peer, ")");
  const absl::optional<ucred> peer = UnixPeer(grpc_peer);
  return peer.has_value() ? absl::StrCat(UidPrincipal(*peer), " (pid ", peer->pid, ")") : grpc_peer;
}

}  // namespace l3link
