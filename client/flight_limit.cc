#include "client/flight_limit.h"

#include <algorithm>

namespace l3link::client {
namespace {

constexpr uint64_t kFirst = 64 << 10;
constexpr uint64_t kLeast = 16 << 10;
constexpr double kBytesASecond = 24 << 10;  // of the lease, on a short pipe
constexpr uint64_t kMost = 64 << 20;
constexpr absl::Duration kShortPipe = absl::Milliseconds(1);

}  // namespace

void FlightLimit::OnAttached(absl::Duration ttl) {
  ttl_ = ttl;
  limit_ = kFirst;
  short_pipe_limit_ = std::max(kFirst, static_cast<uint64_t>(absl::ToDoubleSeconds(ttl) * kBytesASecond));
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
    const uint64_t most = took > kShortPipe ? kMost : std::max(limit_, short_pipe_limit_);
    limit_ = std::min(limit_ * 2, most);
  } else {
    return;
  }
  adapted_at_ = now;
}

}  // namespace l3link::client
