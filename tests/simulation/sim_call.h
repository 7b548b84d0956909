// One Stream call of a client as the network sees it: frames on their way in either direction, and who still knows of it.
//
// As gRPC gives it, a call neither doubles nor reorders its frames; but the two ends learn of its end at different times, and
// frames that the node has already taken in outlive a connection. Owned by Simulation; used by client and stream.
#ifndef L3LINK_TESTS_SIMULATION_SIM_CALL_H_
#define L3LINK_TESTS_SIMULATION_SIM_CALL_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "l3link/v1/channel.pb.h"
#include "tests/simulation/oracle.h"

namespace l3link::simulation {

struct SimCall {
  // How many frames one end writes before it waits for the network to take some.
  static constexpr size_t kWritesAhead = 4;

  struct Request {
    MonoTime at;
    std::unique_ptr<v1::StreamRequest> frame;
  };
  struct Response {
    MonoTime at;
    std::shared_ptr<const v1::StreamResponse> frame;  // null: the end of the call, with `status`
    absl::Status status = absl::OkStatus();
  };

  uint32_t number = 0;
  uint32_t client = 0;
  int session = 0;
  std::shared_ptr<const Log> log;  // of whoever started it

  uint64_t received_before = 0;  // as it was granted its lane: messages below had been received by some client

  std::deque<Request> up;
  std::deque<Response> down;
  bool lost = false;                // nothing that is written now arrives
  bool client_gone = false;         // the client waits for nothing more
  bool node_gone = false;           // the node has let go of it
  MonoTime node_learns = kNever;    // that the client or the connection is gone
  MonoTime client_learns = kNever;  // that the connection is gone
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_CALL_H_
