#include "client/lease_clock.h"

#include <set>

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

MonoTime At(int64_t seconds) { return After(MonoTime(), absl::Seconds(seconds)); }

TEST(LeaseClockTest, HasNoEndBeforeItIsGranted) {
  const LeaseClock lease;
  EXPECT_FALSE(lease.held());
  EXPECT_FALSE(lease.Expired(At(1'000'000)));
}

TEST(LeaseClockTest, CountsFromWhenTheAttachWasSent) {
  LeaseClock lease;
  lease.OnGranted(At(100), absl::Seconds(30));
  EXPECT_FALSE(lease.Expired(At(129)));
  EXPECT_TRUE(lease.Expired(At(130)));
  EXPECT_GE(lease.next_renewal(), After(At(100), absl::Seconds(30) / 4));
  EXPECT_LE(lease.next_renewal(), After(At(100), absl::Seconds(30) / 4 + absl::Seconds(30) / 128));
}

TEST(LeaseClockTest, RenewsOnABeatWithOthersOfItsTtl) {
  const absl::Duration ttl = absl::Seconds(32);
  std::set<MonoTime> first, next;
  for (int i = 0; i < 1000; ++i) {
    LeaseClock lease;
    lease.OnGranted(After(At(100), absl::Milliseconds(i)), ttl);
    first.insert(lease.next_renewal());
    lease.Renew(After(At(200), absl::Milliseconds(i)));
    next.insert(lease.next_renewal());
  }
  EXPECT_LE(first.size(), 5u) << "a second has four beats of 250 ms";
  EXPECT_LE(next.size(), 5u);
}

TEST(LeaseClockTest, KeepsAnyTtl) {
  for (const absl::Duration ttl : {absl::Nanoseconds(1), absl::Nanoseconds(200), absl::InfiniteDuration()}) {
    LeaseClock lease;
    lease.OnGranted(At(100), ttl);
    EXPECT_GE(lease.next_renewal(), At(100)) << ttl;
    EXPECT_LE(lease.next_renewal(), lease.expiry()) << ttl;
  }
}

TEST(LeaseClockTest, CountsFromWhenTheAnsweredRenewalWasSent) {
  LeaseClock lease;
  lease.OnGranted(At(0), absl::Seconds(30));
  const uint64_t first = lease.Renew(At(8));
  const uint64_t second = lease.Renew(At(16));
  EXPECT_EQ(lease.expiry(), At(30));
  lease.OnRenewed(first);
  EXPECT_EQ(lease.expiry(), At(38));
  lease.OnRenewed(second);
  EXPECT_EQ(lease.expiry(), At(46));
}

TEST(LeaseClockTest, IgnoresAnswersNobodyAskedFor) {
  LeaseClock lease;
  lease.OnGranted(At(0), absl::Seconds(30));
  lease.OnRenewed(77);
  EXPECT_EQ(lease.expiry(), At(30));
  const uint64_t token = lease.Renew(At(8));
  lease.OnBroken();
  lease.OnRenewed(token);
  EXPECT_EQ(lease.expiry(), At(30));
}

TEST(LeaseClockTest, RenewsMoreOftenThanThriceATtl) {
  LeaseClock lease;
  lease.OnGranted(At(0), absl::Seconds(9));
  lease.Renew(At(2));
  EXPECT_LT(lease.next_renewal(), At(5));
}

TEST(LeaseClockTest, KnowsAGrantThatCameLate) {
  LeaseClock lease;
  lease.OnGranted(At(0), absl::Seconds(30));
  EXPECT_FALSE(lease.Stale(At(9)));
  EXPECT_TRUE(lease.Stale(At(10)));
}

}  // namespace
}  // namespace l3link::client
