#include "client/flight_limit.h"

#include <algorithm>

namespace l3link::client {
namespace {

constexpr double kFirstBytesASecond = 24 << 10;  // of the lease
constexpr uint64_t kLeast = 16 << 10;
constexpr uint64_t kMost = 64 << 20;
constexpr absl::Duration kShortPipe = absl::Milliseconds(1);  // the first limit fills it

}  // namespace

void FlightLimit::OnAttached(absl::Duration ttl) {
  ttl_ = ttl;
  limit_ = std::clamp(static_cast<uint64_t>(absl::ToDoubleSeconds(ttl) * kFirstBytesASecond), kLeast, kMost);
  sent_ = probed_ = arrived_ = 0;
  probes_.clear();
  adapted_at_ = MonoTime::min();
}

void FlightLimit::OnProbe(uint64_t token, MonoTime now) {
  probed_ = sent_;
  probes_.push_back({token, sent_, now});
}

void FlightLimit::OnAnswered(uint64_t token, MonoTime now) {
  const bool filled = !HasRoom();
  while (!probes_.empty() && probes_.front().token <= token) {
    const Probe probe = probes_.front();
    probes_.pop_front();
    arrived_ = probe.sent;
    if (probe.token == token && probe.at >= adapted_at_) Adapt(filled, Between(probe.at, now), now);
  }
}

// At most once for all probes that were under way: they tell of one and the same queue.
void FlightLimit::Adapt(bool filled, absl::Duration took, MonoTime now) {
  if (took > ttl_ / 4) {
    limit_ = std::max(limit_ / 2, kLeast);
  } else if (filled && took > kShortPipe && took < ttl_ / 32) {
    limit_ = std::min(limit_ * 2, kMost);
  } else {
    return;
  }
  adapted_at_ = now;
}

}  // namespace l3link::client
