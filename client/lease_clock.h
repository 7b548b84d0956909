// How long a session may still act: the client's own, careful reckoning of its lease.
//
// Sans-IO: time is a parameter. The lease counts from when the client *sent* its last answered attach or renewal, so it ends
// here no later than on the node. Used by StreamSession under its owner's lock.
#ifndef L3LINK_CLIENT_LEASE_CLOCK_H_
#define L3LINK_CLIENT_LEASE_CLOCK_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "client/steady_time.h"

namespace l3link::client {

class LeaseClock {
 public:
  // The node granted what was asked for at `asked`.
  void OnGranted(MonoTime asked, absl::Duration ttl);
  // The connection broke: renewals under way are answered no more.
  void OnBroken() { unanswered_.clear(); }

  // A quarter of the ttl after the last renewal was sent, and at most 1/128 of it more.
  MonoTime next_renewal() const { return next_renewal_; }
  void RenewNow() { next_renewal_ = MonoTime::min(); }
  // A renewal is sent now; answers its token.
  uint64_t Renew(MonoTime now);
  void OnRenewed(uint64_t token);
  // When the oldest renewal that is not answered was sent; never: there is none.
  MonoTime unanswered_since() const { return unanswered_.empty() ? kNever : unanswered_.front().at; }

  bool held() const { return answered_.has_value(); }
  // When the lease runs out unless another answer comes; never, before the first grant.
  MonoTime expiry() const { return answered_ ? After(*answered_, ttl_) : kNever; }
  bool Expired(MonoTime now) const { return now >= expiry(); }
  absl::Duration ttl() const { return ttl_; }
  // Whether so much of the lease had passed when its grant arrived that it needs a fresh renewal before it can be used.
  bool Stale(MonoTime now) const { return answered_ && now >= After(*answered_, ttl_ / 3); }

 private:
  struct Sent {
    uint64_t token;
    MonoTime at;
  };

  absl::Duration ttl_ = absl::ZeroDuration();
  std::optional<MonoTime> answered_;  // when the last answered one was sent
  MonoTime next_renewal_ = kNever;
  uint64_t last_token_ = 0;
  std::deque<Sent> unanswered_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_LEASE_CLOCK_H_
