// Who is at the other end of a call: its principal, by which sessions are told apart, and its name for the log.
//
//   TCP          principal "anonymous": nothing is known of it
//   unix socket  principal "uid:1000": the kernel's word for the process that connected
//
// Any thread, from the call's first moment until its context is given back; never blocks.
//
// gRPC tells nothing of a unix peer. But Server hands it unix connections as bare descriptors, and of a call on one of those
// ServerContext::peer() says "fd:41": the descriptor is asked. It is the call's own, not a later connection's with the same
// number: the call holds its stream, the stream its transport, and the transport closes its descriptor only with its own end. So
// the number is taken for as long as the call is there, also when the connection broke long ago
// (PeerCallTest.ABrokenConnectionsCallKeepsItsOwnPeer). The credentials are those at connect(): no later setuid of the peer, no
// fork, and no passing on of the descriptor changes them.
#ifndef L3LINK_SERVER_LISTEN_PEER_H_
#define L3LINK_SERVER_LISTEN_PEER_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

// What `ServerContext::peer()` said. CANCELLED: the call's connection is gone, or is none of ours; such a call is nobody's.
absl::StatusOr<std::string> PrincipalOf(const std::string& grpc_peer);

// "uid:1000 (pid 4242)", "anonymous (ipv4:10.0.0.7:41234)".
std::string PeerLabel(const std::string& grpc_peer);

}  // namespace l3link

#endif  // L3LINK_SERVER_LISTEN_PEER_H_
