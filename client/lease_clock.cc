#include "client/lease_clock.h"

#include <algorithm>
#include <cstddef>

namespace l3link::client {
namespace {

constexpr size_t kMostUnanswered = 16;  // four ttls' worth: older ones could not save the lease

// A quarter of the ttl after `sent`, or a little later: on a beat that streams of the same ttl share, so that the renewals of
// many, each a frame and its answer, go and come in few system calls.
MonoTime RenewalAfter(MonoTime sent, absl::Duration ttl) {
  const MonoTime due = After(sent, ttl / 4);
  const auto beat = absl::ToChronoNanoseconds(ttl / 128);
  if (due == kNever || beat <= beat.zero()) return due;
  const auto since = due.time_since_epoch() % beat;
  return since == since.zero() ? due : due + (beat - since);
}

}  // namespace

void LeaseClock::OnGranted(MonoTime asked, absl::Duration ttl) {
  ttl_ = ttl;
  answered_ = answered_ ? std::max(*answered_, asked) : asked;
  next_renewal_ = RenewalAfter(asked, ttl_);
}

uint64_t LeaseClock::Renew(MonoTime now) {
  if (unanswered_.size() == kMostUnanswered) unanswered_.pop_front();
  unanswered_.push_back({++last_token_, now});
  next_renewal_ = RenewalAfter(now, ttl_);
  return last_token_;
}

void LeaseClock::OnRenewed(uint64_t token) {
  while (!unanswered_.empty() && unanswered_.front().token <= token) {
    if (unanswered_.front().token == token) answered_ = std::max(*answered_, unanswered_.front().at);
    unanswered_.pop_front();
  }
}

}  // namespace l3link::client
