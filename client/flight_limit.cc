#include "client/flight_limit.h"

#include <algorithm>

namespace l3link::client {
namespace {

constexpr uint64_t kFirst = 64 << 10;
constexpr uint64_t kLeast = 16 << 10;
// Of the lease. 1 Mbit/s, to which a link may drop at any time, is 122 KiB a second.
constexpr uint64_t kShortPipeBytesASecond = 24 << 10;
constexpr uint64_t kLongPipeBytesASecond = 64 << 10;
constexpr absl::Duration kShortPipe = absl::Milliseconds(1);

uint64_t LimitOf(absl::Duration ttl, uint64_t bytes_a_second) {
  return std::max(kFirst, static_cast<uint64_t>(absl::ToDoubleSeconds(ttl) * static_cast<double>(bytes_a_second)));
}

}  // namespace

void FlightLimit::OnAttached(absl::Duration ttl) {
  ttl_ = ttl;
  limit_ = kFirst;
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
  } else if (filled && took < ttl_ / 32) {
    const uint64_t most = LimitOf(ttl_, took > kShortPipe ? kLongPipeBytesASecond : kShortPipeBytesASecond);
    limit_ = std::max(limit_, std::min(limit_ * 2, most));
  } else {
    return;
  }
  adapted_at_ = now;
}

}  // namespace l3link::client
