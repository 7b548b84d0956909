// Every fault of the network, and a stopped node or stopped clients, healing before and after the leases run out, with four
// kinds of clients at once: idle, sending, receiving and waiting ones.
//
// Healed in time, the same sessions go on and no application sees an error. Healed too late, every client has fenced itself,
// and is told exactly how far it got, or goes on where nobody else has taken its lane. In either case the independent checker
// finds each acknowledged message once, in order, with its bytes, and nothing by a client after another had its lane.
#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/partition/bench.h"
#include "tests/partition/cast.h"

namespace l3link::partition {
namespace {

constexpr absl::Duration kLeaseTtl = absl::Seconds(5);
// A renewal may be a quarter of the ttl old when the fault begins; what is left is for coming back. And longer than TCP
// likes: as a rule the stream has to resume over a fresh connection.
constexpr absl::Duration kShorter = absl::Milliseconds(1600);
constexpr uint64_t kMore = 500;  // messages that show that a lane moves again

// How much the daemon's memory may grow on a slow link: the windows of six lanes' streams (4 MiB each by default, sent or
// delivered and under way). The rings are no part of it.
constexpr uint64_t kMostGrowth = 6 * (uint64_t{4} << 20);

class PartitionTest : public testing::TestWithParam<std::tuple<Fault, bool>> {
 protected:
  static void SetUpTestSuite() {
    auto bench = Bench::Make();
    bench.ok() ? void(bench_ = bench->release()) : void(unavailable_ = bench.status());
  }
  static void TearDownTestSuite() {
    delete bench_;
    bench_ = nullptr;
  }

  void SetUp() override {
    if (interrupted) GTEST_SKIP() << "interrupted";
    if (bench_ == nullptr && !absl::IsInternal(unavailable_))
      GTEST_SKIP() << "SKIPPED: no network namespaces, veth, nftables or tbf here: " << unavailable_;
    ASSERT_NE(bench_, nullptr) << unavailable_;
  }

  static Fault fault() { return std::get<0>(GetParam()); }

  void Impose(Cast& cast) {
    if (fault() == Fault::kStopClients)
      for (Actor* client : cast.clients()) client->Signal(SIGSTOP);
    const absl::Status imposed = bench_->Impose(fault());
    ASSERT_TRUE(imposed.ok()) << imposed;
  }
  void Heal(Cast& cast) {
    const absl::Status healed = bench_->Heal(fault());
    ASSERT_TRUE(healed.ok()) << healed;
    if (fault() == Fault::kStopClients)
      for (Actor* client : cast.clients()) client->Signal(SIGCONT);
  }

  // While nobody beyond the fault can see it; what counts is the level afterwards.
  void RaiseSignals(Cast& cast, uint64_t value) {
    if (fault() == Fault::kStopNode) return;
    for (const uint32_t signal : {0u, 1u}) {
      const auto raised = cast.region().Notify({.signal = signal, .value = value});
      ASSERT_TRUE(raised.ok()) << raised.status();
    }
  }

  // The session's lane moves again: idle ones as well, which now have something to do.
  void ExpectGoesOn(Cast& cast, Actor& actor) {
    if (&actor == &cast.idle()) {
      const uint64_t mark = actor.received() + kMore;
      actor.LetSend(mark);
      ASSERT_TRUE(Await([&] { return actor.received() >= mark || actor.ended(); }));
    } else if (&actor == &cast.sending()) {
      const uint64_t mark = actor.published() + kMore;
      ASSERT_TRUE(Await([&] { return actor.published() >= mark || actor.ended(); }));
    } else {
      const uint64_t mark = actor.received() + kMore;
      ASSERT_TRUE(Await([&] { return actor.received() >= mark || actor.ended(); }));
    }
    ASSERT_FALSE(actor.ended()) << actor.said();
  }

  // The wait ends, and the watch sees the newest level; neither has seen an error.
  void ExpectWaitsEnd(Cast& cast) {
    if (fault() == Fault::kStopNode) {
      ASSERT_TRUE(cast.region().Notify({.signal = 0, .value = 2}).ok());
      ASSERT_TRUE(cast.region().Notify({.signal = 1, .value = 2}).ok());
    }
    Actor& waiting = cast.waiting();
    ASSERT_TRUE(Await(
        [&] { return (waiting.CountOf("woke") == 1 && waiting.Told("saw", "value") == "2") || waiting.ended(); }));
    ASSERT_FALSE(waiting.ended()) << waiting.said();
  }

  void ExpectExactly(Cast& cast) {
    ASSERT_EQ(cast.Settle(), "");
    RecordProperty("senders_grants", cast.SendersGrants());  // 1: TCP was back before the stream gave its connection up
    if (fault() == Fault::kReset) {
      EXPECT_GT(cast.SendersGrants(), 1) << "the stream was not broken: nothing was tried";
    }
    const history::Findings findings = cast.Judge();
    EXPECT_TRUE(findings.clean()) << "lost " << findings.lost << ", duplicated " << findings.duplicated
                                  << ", reordered " << findings.reordered << ", wrong " << findings.wrong
                                  << ", after fencing " << findings.after_fencing << ", wrong at rest "
                                  << findings.wrong_final << "\n"
                                  << (findings.cases.empty() ? "" : findings.cases[0]);
    EXPECT_GT(cast.waiting().CountOf("closed waits="), 0);
  }

  void GoOnInTime(Cast& cast);
  void ComeBackTooLate(Cast& cast);
  void LoseTheLaneToARival(Cast& cast);

  static inline Bench* bench_ = nullptr;
  static inline absl::Status unavailable_;
};

void PartitionTest::GoOnInTime(Cast& cast) {
  const uint64_t before = bench_->NodeMemory();
  uint64_t most = before;
  const bool slow = fault() == Fault::kThrottle;
  const absl::Duration lasts = slow && std::get<1>(GetParam()) ? 2 * kLeaseTtl : kShorter;
  Impose(cast);
  RaiseSignals(cast, 1);
  for (const absl::Time until = absl::Now() + lasts; absl::Now() < until && !interrupted;) {
    absl::SleepFor(absl::Milliseconds(20));  // the fault's own length
    most = std::max(most, bench_->NodeMemory());
  }
  RaiseSignals(cast, 2);
  if (slow) {
    for (Actor* actor : {&cast.idle(), &cast.sending(), &cast.receiving()}) ExpectGoesOn(cast, *actor);
    EXPECT_LE(most - before, kMostGrowth);
    RecordProperty("grown_kib", static_cast<int>((most - before) >> 10));
  }
  Heal(cast);
  for (Actor* actor : {&cast.idle(), &cast.sending(), &cast.receiving()}) {
    ExpectGoesOn(cast, *actor);
    EXPECT_EQ(actor->CountOf("attached"), 1) << "it sees nothing of all this: " << actor->said();
    EXPECT_EQ(actor->CountOf("fenced"), 0) << actor->said();
  }
  ExpectWaitsEnd(cast);
}

// The lane of the sending client goes to another in the meantime.
void PartitionTest::LoseTheLaneToARival(Cast& cast) {
  Actor& late = cast.sending();
  Actor& rival = cast.StartRival();
  ASSERT_TRUE(Await([&] { return rival.CountOf("attached") == 1 || rival.ended(); }));
  const uint64_t acknowledged = late.published();  // to the other, until now
  RaiseSignals(cast, 2);
  rival.LetSend(std::numeric_limits<uint64_t>::max());
  ASSERT_TRUE(Await([&] { return rival.published() > kMore || rival.ended(); })) << rival.said();
  Heal(cast);
  ASSERT_TRUE(Await([&] { return late.ended(); }));
  EXPECT_EQ(late.CountOf("fenced reason=LEASE_EXPIRED"), 1) << "it knew by itself: " << late.said();
  EXPECT_EQ(late.Told("refused", "reason"), "SESSION_LOST") << late.said();
  EXPECT_EQ(late.Told("refused", "published"), rival.Told("attached", "next")) << "exactly how far it got";
  // A stopped one may find on waking what it was told before.
  if (fault() != Fault::kStopClients) {
    EXPECT_EQ(late.published(), acknowledged) << "nothing was acknowledged to it afterwards";
  }
  uint64_t old_epoch = 0, new_epoch = 0;
  ASSERT_TRUE(absl::SimpleAtoi(late.Told("attached", "epoch"), &old_epoch));
  ASSERT_TRUE(absl::SimpleAtoi(rival.Told("attached", "epoch"), &new_epoch));
  EXPECT_GT(new_epoch, old_epoch);
}

void PartitionTest::ComeBackTooLate(Cast& cast) {
  Impose(cast);
  RaiseSignals(cast, 1);
  if (fault() != Fault::kStopNode) {
    LoseTheLaneToARival(cast);
  } else {
    absl::SleepFor(2 * kLeaseTtl);  // nobody can take a lane of a node that is stopped
    Heal(cast);
    ExpectGoesOn(cast, cast.sending());
  }
  for (Actor* actor : {&cast.idle(), &cast.receiving()}) {
    ASSERT_TRUE(Await([&] { return actor->CountOf("attached") == 2 || actor->ended(); }));
    EXPECT_EQ(actor->CountOf("fenced reason=LEASE_EXPIRED"), 1) << actor->said();
    ExpectGoesOn(cast, *actor);  // with the same session: nobody else wanted its lane
  }
  ExpectWaitsEnd(cast);
}

TEST_P(PartitionTest, LosesDoublesAndSwapsNothing) {
  const bool outlasts = std::get<1>(GetParam());
  Cast cast(bench_, absl::StrCat(NameOf(fault()), outlasts ? "-late" : "-in-time"), kLeaseTtl);
  ASSERT_TRUE(cast.AwaitReady());
  if (outlasts && fault() != Fault::kThrottle) {
    ComeBackTooLate(cast);
  } else {
    GoOnInTime(cast);
  }
  if (HasFatalFailure()) {
    for (Actor* actor : cast.clients()) ADD_FAILURE() << actor->said();
    return;
  }
  ExpectExactly(cast);
}

INSTANTIATE_TEST_SUITE_P(Matrix, PartitionTest,
                         testing::Combine(testing::Values(Fault::kDropToNode, Fault::kDropToClients, Fault::kDropBoth,
                                                          Fault::kReset, Fault::kHold, Fault::kThrottle,
                                                          Fault::kStopNode, Fault::kStopClients),
                                          testing::Bool()),
                         [](const auto& info) {
                           return absl::StrCat(NameOf(std::get<0>(info.param)),
                                               std::get<1>(info.param) ? "OutlastsTheLease" : "HealsInTime");
                         });

}  // namespace
}  // namespace l3link::partition
