// The thread "l3-accept": takes connections from listening sockets and hands each to whoever serves it.
//
// Where descriptors run out, it stops taking for a moment and tries again: who wants in waits in the kernel's backlog, who is in
// goes on. gRPC 1.51's own listener would stay deaf for ever. The last kReserve descriptors are left to the node's own needs.
//
// Made, started and stopped on main's thread.
#ifndef L3LINK_SERVER_LISTEN_ACCEPT_LOOP_H_
#define L3LINK_SERVER_LISTEN_ACCEPT_LOOP_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace l3link {

class AcceptLoop {
 public:
  static constexpr int kReserve = 32;
  static constexpr absl::Duration kBackOff = absl::Milliseconds(100);

  // Owns `fd`, a connection: non-blocking, close-on-exec. On the loop's thread; must not block.
  using Serve = std::function<void(int listener, int fd)>;
  struct Door {
    int listener;  // non-blocking; outlives the loop
    Serve serve;
  };

  AcceptLoop() = default;
  ~AcceptLoop() { Stop(); }
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  absl::Status Start(std::vector<Door> doors);
  // Once it returns nothing is taken any more. Idempotent.
  void Stop();

 private:
  void Run();
  // Everything that waits at the door, at most kTurn; false: descriptors ran out.
  bool TakeFrom(const Door& door);
  bool DescriptorsAreLeft() const;
  void Note(bool full);

  std::vector<Door> doors_;
  int wake_ = -1;  // an eventfd
  bool full_ = false;
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_LISTEN_ACCEPT_LOOP_H_
