// What a half-closed stream still waits for: so many messages delivered, or so long without any.
//
// Sans-IO; part of LaneSession.
#ifndef L3LINK_SERVER_CHANNEL_LINGER_H_
#define L3LINK_SERVER_CHANNEL_LINGER_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "backends/host/mono_time.h"

namespace l3link {

struct LingerEnd {
  uint64_t max_messages = 0;  // delivered on the stream; 0: no such end
  absl::Duration idle = absl::Seconds(1);
};

class Linger {
 public:
  explicit Linger(const LingerEnd& end) : end_(end) {}

  void Begin(MonoTime now) {
    begun_ = true;
    quiet_since_ = now;
  }
  // A message was published or delivered.
  void OnMessages(MonoTime now) { quiet_since_ = now; }

  bool begun() const { return begun_; }
  MonoTime idle_at() const { return begun_ ? After(quiet_since_, end_.idle) : kNever; }
  // How many more messages are to be delivered.
  uint64_t left(uint64_t delivered) const {
    if (!begun_ || end_.max_messages == 0) return UINT64_MAX;
    return end_.max_messages - std::min(delivered, end_.max_messages);
  }
  bool enough(uint64_t delivered) const { return left(delivered) == 0; }
  bool Over(uint64_t delivered, MonoTime now) const { return enough(delivered) || (begun_ && now >= idle_at()); }

 private:
  const LingerEnd end_;
  bool begun_ = false;
  MonoTime quiet_since_{};
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LINGER_H_
