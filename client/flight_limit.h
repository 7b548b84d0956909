// How much a stream may give the transport before it hears that this has arrived, so that its renewals do not wait for longer
// than its lease lasts behind its own messages.
//
// Sans-IO: time is a parameter. Probes are renewals, which the node answers at once, however full the lane is; one goes with
// each quarter of the limit. The limit begins low and doubles while it is filled and answers come soon: up to what a link of
// 1 Mbit/s is through with in a quarter of the lease, and to what it is through with in half of it where a long pipe needs
// that. It halves where answers take long. Used by StreamSession under its owner's lock.
#ifndef L3LINK_CLIENT_FLIGHT_LIMIT_H_
#define L3LINK_CLIENT_FLIGHT_LIMIT_H_

#include <cstdint>
#include <deque>

#include "absl/time/time.h"
#include "client/steady_time.h"

namespace l3link::client {

class FlightLimit {
 public:
  // A lease of `ttl` was granted over a fresh call: nothing is under way.
  void OnAttached(absl::Duration ttl);

  // For one more frame.
  bool HasRoom() const { return sent_ - arrived_ <= limit_ - frame_bytes(); }
  // A frame of so many bytes was given to the transport.
  void OnSent(uint64_t bytes) { sent_ += bytes; }

  // Whether a renewal should go with what was sent.
  bool ProbeDue() const { return sent_ - probed_ >= limit_ / 4; }
  void OnProbe(uint64_t token, MonoTime now);
  void OnAnswered(uint64_t token, MonoTime now);

  uint64_t limit() const { return limit_; }            // bytes
  uint64_t frame_bytes() const { return limit_ / 4; }  // of one frame at most

 private:
  struct Probe {
    uint64_t token;
    uint64_t sent;  // before it
    MonoTime at;
  };

  void Adapt(bool filled, absl::Duration took, MonoTime now);

  absl::Duration ttl_ = absl::InfiniteDuration();
  uint64_t limit_ = UINT64_MAX;
  uint64_t sent_ = 0;     // on this call
  uint64_t probed_ = 0;   // of it, when the last probe was sent
  uint64_t arrived_ = 0;  // of it, known by answers
  std::deque<Probe> probes_;
  MonoTime adapted_at_ = MonoTime::min();
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_FLIGHT_LIMIT_H_
