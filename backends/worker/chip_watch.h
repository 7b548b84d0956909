// What a chip's life looks like from the host: absent, running, lost; from its line in shared memory and from its platform.
//
// Called by ChipWorker under its lock, once a tick; sans-IO, time comes in. The chip's line is not believed: a heartbeat that
// changes says that somebody writes there, no more.
#ifndef L3LINK_BACKENDS_WORKER_CHIP_WATCH_H_
#define L3LINK_BACKENDS_WORKER_CHIP_WATCH_H_

#include <string>

#include "absl/time/time.h"
#include "backends/host/arena_header.h"
#include "backends/host/mono_time.h"
#include "backends/platform.h"

namespace l3link {

enum class ChipState { kAbsent, kRunning, kLost, kUnsupported };

class ChipWatch {
 public:
  explicit ChipWatch(absl::Duration heartbeat_timeout) : heartbeat_timeout_(heartbeat_timeout) {}

  struct Change {
    bool state = false;     // state() differs from before, or one more process ended that never attached
    bool attached = false;  // a chip program attached since the last look: it has no older view
  };
  Change Look(const ChipLine& line, const ChipPresence& presence, MonoTime now);

  ChipState state() const { return state_; }
  const std::string& detail() const { return detail_; }
  const ChipLine& line() const { return line_; }
  const ChipPresence& presence() const { return presence_; }
  // Since the heartbeat last changed; zero when it never did.
  absl::Duration heartbeat_age(MonoTime now) const;

 private:
  ChipState Judge(MonoTime now, std::string* detail) const;

  const absl::Duration heartbeat_timeout_;
  ChipLine line_;
  ChipPresence presence_;
  bool silent_ = true;  // no sign of life since the start, or since its process was seen to be gone
  MonoTime heard_at_{};
  ChipState state_ = ChipState::kAbsent;
  std::string detail_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_CHIP_WATCH_H_
