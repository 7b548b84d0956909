#include "client/lease_clock.h"

#include <algorithm>
#include <cstddef>

namespace l3link::client {
namespace {

constexpr size_t kMostUnanswered = 16;  // four ttls' worth: older ones could not save the lease

}  // namespace

void LeaseClock::OnGranted(MonoTime asked, absl::Duration ttl) {
  ttl_ = ttl;
  answered_ = answered_ ? std::max(*answered_, asked) : asked;
  next_renewal_ = After(asked, ttl_ / 4);
}

uint64_t LeaseClock::Renew(MonoTime now) {
  if (unanswered_.size() == kMostUnanswered) unanswered_.pop_front();
  unanswered_.push_back({++last_token_, now});
  next_renewal_ = After(now, ttl_ / 4);
  return last_token_;
}

void LeaseClock::OnRenewed(uint64_t token) {
  while (!unanswered_.empty() && unanswered_.front().token <= token) {
    if (unanswered_.front().token == token) answered_ = std::max(*answered_, unanswered_.front().at);
    unanswered_.pop_front();
  }
}

}  // namespace l3link::client
