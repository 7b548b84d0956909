// One l3link-sim-chip as a child of this process: started, watched, restarted with growing pauses, stopped.
//
// Owned by SimPlatform; called under the chip worker's lock, at least once a second, except Stop, which waits. The child is
// a session of its own and inherits no descriptor: it outlives a killed daemon, and the next daemon on the same arena folder
// takes it over, or ends it when it was started with other arguments.
#ifndef L3LINK_BACKENDS_SIM_CHIP_PROCESS_H_
#define L3LINK_BACKENDS_SIM_CHIP_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "backends/host/mono_time.h"
#include "backends/platform.h"

namespace l3link {

struct ChipCommand {
  std::vector<std::string> arguments;  // with the program first
  std::string log_path;                // its stdout and stderr, appended
  std::string lock_path;               // which it holds while it lives
  absl::Duration stop_patience = absl::Seconds(2);
};

class ChipProcess {
 public:
  explicit ChipProcess(ChipCommand command) : command_(std::move(command)) {}
  ~ChipProcess() { Stop(); }

  // Takes over a chip that is there, or starts one.
  absl::Status Start();
  // SIGTERM, then SIGKILL; no more restarts.
  void Stop();

  // Notices an end, and starts it again when its pause is over: 1 s, doubled at each end up to 30 s, and 1 s again after
  // a life of more than 30 s.
  ChipPresence Watch(MonoTime now);

 private:
  absl::Status Spawn();
  // True when a chip with the same arguments holds the lock; one with others is ended.
  bool Adopt();
  bool HasEnded();
  ChipPresence Alive() const;

  const ChipCommand command_;
  pid_t pid_ = 0;         // 0: none
  bool adopted_ = false;  // not our child: known by its lock alone
  bool wanted_ = false;
  MonoTime started_{};
  MonoTime restart_at_{};
  absl::Duration pause_ = absl::Seconds(1);
  std::string last_end_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_PROCESS_H_
