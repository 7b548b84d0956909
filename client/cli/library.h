// The C++ client library as the streaming commands use it, and their pace: slices of waiting that hear Ctrl-C.
#ifndef L3LINK_CLIENT_CLI_LIBRARY_H_
#define L3LINK_CLIENT_CLI_LIBRARY_H_

#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/command.h"
#include "client/orchestrator.h"

namespace l3link::cli {

// Connected to the run's node, or why not.
absl::StatusOr<std::unique_ptr<client::Orchestrator>> ConnectLibrary(Run& run);

// Monotonic. InfiniteDuration never passes.
class Deadline {
 public:
  explicit Deadline(absl::Duration timeout) : began_(Clock::now()), timeout_(timeout) {}

  // Begins anew: something happened.
  void Restart() { began_ = Clock::now(); }
  bool passed() const { return left() <= absl::ZeroDuration(); }
  absl::Duration left() const { return timeout_ - absl::FromChrono(Clock::now() - began_); }
  // How long to wait before looking at Ctrl-C again.
  absl::Duration Slice() const;

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point began_;
  const absl::Duration timeout_;
};

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_LIBRARY_H_
