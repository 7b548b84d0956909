// WaitTable against the obvious thing: a list of waits, each judged at each look.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "backends/host/signal_waits.h"

namespace l3link {
namespace {

using Firing = std::pair<uint64_t, std::vector<uint64_t>>;
constexpr uint32_t kSignals = 6;

class NaiveWaits {
 public:
  explicit NaiveWaits(const std::vector<uint64_t>& signals) : signals_(signals), seen_(signals) {}

  // What fires when every signal has been looked at.
  std::vector<Firing> Look() {
    std::vector<Firing> fired;
    std::set<uint32_t> changed;
    for (uint32_t s = 0; s < kSignals; ++s) {
      if (signals_[s] != seen_[s]) changed.insert(s);
    }
    seen_ = signals_;
    for (auto at = waits_.begin(); at != waits_.end();) {
      const WaitSpec& spec = at->second;
      const bool touched = std::any_of(spec.conditions.begin(), spec.conditions.end(),
                                       [&](const Condition& c) { return changed.count(c.signal) > 0; });
      const bool fires = touched && (spec.mode == WaitMode::kChange || HoldsNow(spec));
      if (fires) fired.push_back({at->first, Values(spec)});
      at = fires && spec.mode == WaitMode::kOnce ? waits_.erase(at) : std::next(at);
    }
    return fired;
  }
  // Signals have been looked at.
  std::vector<Firing> Add(const WaitSpec& spec) {
    const bool fires = spec.mode == WaitMode::kChange || HoldsNow(spec);
    if (!fires || spec.mode != WaitMode::kOnce) waits_[spec.cookie] = spec;
    return fires ? std::vector<Firing>{{spec.cookie, Values(spec)}} : std::vector<Firing>{};
  }
  void Remove(uint64_t cookie) { waits_.erase(cookie); }
  const std::map<uint64_t, WaitSpec>& waits() const { return waits_; }

 private:
  bool HoldsNow(const WaitSpec& spec) const {
    auto holds = [&](const Condition& c) { return Holds(c, seen_[c.signal]); };
    return spec.combine == Combine::kAll ? std::all_of(spec.conditions.begin(), spec.conditions.end(), holds)
                                         : std::any_of(spec.conditions.begin(), spec.conditions.end(), holds);
  }
  std::vector<uint64_t> Values(const WaitSpec& spec) const {
    std::vector<uint64_t> values;
    for (const Condition& c : spec.conditions) values.push_back(seen_[c.signal]);
    return values;
  }

  const std::vector<uint64_t>& signals_;
  std::vector<uint64_t> seen_;
  std::map<uint64_t, WaitSpec> waits_;
};

class SignalWaitsPropertyTest : public ::testing::TestWithParam<uint32_t>, public WaitListener {
 protected:
  void OnWaitFired(uint64_t cookie, absl::Span<const uint64_t> values) override {
    fired_.push_back({cookie, {values.begin(), values.end()}});
  }
  void OnWaitEnded(uint64_t, const absl::Status&) override { ADD_FAILURE() << "nothing ends here"; }

  uint32_t Below(uint32_t limit) { return random_() % limit; }
  uint64_t Value() {
    const uint64_t edges[] = {0, 1, ~uint64_t{0}, ~uint64_t{0} - 1};
    return Below(10) == 0 ? edges[Below(4)] : Below(12);
  }
  WaitSpec RandomSpec(uint64_t cookie) {
    WaitSpec spec;
    const uint32_t conditions = Below(2) == 0 ? 1 : 1 + Below(4);
    for (uint32_t i = 0; i < conditions; ++i) {
      spec.conditions.push_back({Below(kSignals), static_cast<Comparison>(1 + Below(6)), Value()});
    }
    spec.combine = Below(2) == 0 ? Combine::kAny : Combine::kAll;
    spec.mode = static_cast<WaitMode>(Below(3));
    spec.listener = this;
    spec.cookie = cookie;
    return spec;
  }
  std::vector<Firing> Taken() {
    std::vector<Firing> taken = std::move(fired_);
    fired_.clear();
    std::sort(taken.begin(), taken.end());
    return taken;
  }

  std::mt19937 random_{GetParam()};
  std::vector<Firing> fired_;
};

TEST_P(SignalWaitsPropertyTest, FiresWhatTheNaiveListFires) {
  std::vector<uint64_t> signals(kSignals, 0);
  WaitTable table([&](uint32_t signal) { return signals[signal]; });
  NaiveWaits naive(signals);
  std::map<uint64_t, WaitTable::WaitId> ids;
  uint64_t cookie = 0, firings = 0;

  for (int step = 0; step < 60000; ++step) {
    std::vector<Firing> expected;
    const uint32_t what = Below(10);
    if (what < 3 && naive.waits().size() < 200) {
      if (Below(2) == 0) signals[Below(kSignals)] = Value();
      table.Look();  // Add itself looks at its own signals only
      expected = naive.Look();
      const WaitSpec spec = RandomSpec(++cookie);
      ids[cookie] = table.Add(spec);
      for (Firing& firing : naive.Add(spec)) expected.push_back(std::move(firing));
    } else if (what < 5 && cookie > 0) {
      const uint64_t who = 1 + random_() % cookie;
      const bool there = naive.waits().count(who) > 0;
      EXPECT_EQ(table.Remove(ids[who]), there);
      naive.Remove(who);
    } else if (what < 7) {  // a host notify: exactly one signal changes, and it alone is looked at
      const uint32_t signal = Below(kSignals);
      signals[signal] = Value();
      table.LookAt({signal});
      expected = naive.Look();
    } else {
      for (uint32_t n = Below(kSignals + 1); n > 0; --n) signals[Below(kSignals)] = Value();
      table.Look();
      expected = naive.Look();
    }
    std::sort(expected.begin(), expected.end());
    firings += expected.size();
    ASSERT_EQ(Taken(), expected) << "step " << step;
    ASSERT_EQ(table.size(), naive.waits().size()) << "step " << step;
    ASSERT_LE(table.watched_signals(), kSignals);
  }
  EXPECT_GT(firings, 60000u);
  const auto left = naive.waits();
  for (const auto& [who, spec] : left) EXPECT_TRUE(table.Remove(ids[who]));
  EXPECT_EQ(table.watched_signals(), 0u) << "nothing is kept for waits that are gone";
}

INSTANTIATE_TEST_SUITE_P(Seeds, SignalWaitsPropertyTest, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace l3link
