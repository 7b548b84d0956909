// A client that is gone without a word: the node's side notices by its keepalive and lets the connection go, while the lease
// lasts on, for whoever comes back with that session.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/partition/bench.h"
#include "tests/partition/cast.h"

namespace l3link::partition {
namespace {

TEST(DeadPeerTest, IsNoticedByKeepaliveLongBeforeItsLeaseEnds) {
  auto made = Bench::Make();
  if (!made.ok() && !absl::IsInternal(made.status()))
    GTEST_SKIP() << "SKIPPED: no network namespaces, veth, nftables or tbf here: " << made.status();
  ASSERT_TRUE(made.ok()) << made.status();
  Bench& bench = **made;
  {
    Cast cast(&bench, "silent", absl::Minutes(5));
    ASSERT_TRUE(cast.AwaitReady());
    ASSERT_EQ(bench.NodeConnections(), 4) << "one of each client";
    ASSERT_TRUE(bench.Impose(Fault::kDropBoth).ok());
    const absl::Time began = absl::Now();
    for (Actor* client : cast.clients()) client->Signal(SIGSTOP);  // none of them says goodbye or comes back
    ASSERT_TRUE(Await([&] { return bench.NodeConnections() == 0; }));
    RecordProperty("noticed_after_ms", static_cast<int>(absl::ToInt64Milliseconds(absl::Now() - began)));
    const auto channels = bench.orchestrator().ListChannels(0);
    ASSERT_TRUE(channels.ok()) << channels.status();
    for (const v1::LaneState& lane : channels->front().lanes()) {
      EXPECT_NE(lane.session_id(), "") << "lane " << lane.lane() << " stays held";
      EXPECT_GT(lane.lease_expires_ms(), 0u);
    }
    ASSERT_TRUE(bench.Heal(Fault::kDropBoth).ok());
    for (Actor* client : cast.clients()) client->Signal(SIGCONT);
    ASSERT_TRUE(Await([&] { return bench.NodeConnections() >= 3; })) << "they come back";
    cast.idle().LetSend(100);
    ASSERT_TRUE(Await([&] { return cast.idle().received() == 100; }));
    ASSERT_EQ(cast.Settle(), "");
    const history::Findings findings = cast.Judge();
    EXPECT_TRUE(findings.clean()) << (findings.cases.empty() ? "" : findings.cases[0]);
    for (Actor* client : {&cast.idle(), &cast.sending(), &cast.receiving()})
      EXPECT_EQ(client->CountOf("attached"), 1) << "the same session, unseen by the application: " << client->said();
  }
}

}  // namespace
}  // namespace l3link::partition
