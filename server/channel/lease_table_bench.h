// For tests: a lease table whose streams and clock a test has in hand.
#ifndef L3LINK_SERVER_CHANNEL_LEASE_TABLE_BENCH_H_
#define L3LINK_SERVER_CHANNEL_LEASE_TABLE_BENCH_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "backends/host/refusal.h"
#include "server/channel/lease_table.h"

namespace l3link {

constexpr uint64_t kChannel = 7;
constexpr absl::Duration kTtl = absl::Seconds(30);

class Stream final : public LeaseHolder {
 public:
  void OnLeaseLost(const absl::Status& why) override { lost.push_back(why); }
  void OnLeaseTurn() override {
    ++turns;
    if (on_turn) on_turn();
  }
  std::vector<absl::Status> lost;
  int turns = 0;
  std::function<void()> on_turn;
};

inline LaneNow ToChip(uint32_t lane, uint64_t position = 0, uint64_t generation = 10) {
  return {{kChannel, Direction::kHostToChip, lane}, generation, position, position / 2};
}
inline LaneNow ToHost(uint32_t lane, uint64_t position = 0, uint64_t generation = 11) {
  return {{kChannel, Direction::kChipToHost, lane}, generation, position, position};
}

class LeaseTableTest : public ::testing::Test {
 protected:
  absl::StatusOr<Lease*> Attach(const std::string& session, std::vector<LaneNow> lanes, bool resume = false) {
    return table_.Attach({session, resume, kTtl, std::move(lanes)}, &stream_, now_);
  }
  // In steps as the node's, so that no gap is seen.
  void Pass(absl::Duration duration) {
    for (; duration > absl::ZeroDuration(); duration -= absl::Milliseconds(500)) {
      now_ = After(now_, absl::Milliseconds(500));
      table_.Tick(now_);
    }
  }
  static std::string Value(const absl::Status& status, const std::string& key) {
    const absl::optional<Refusal> refusal = RefusalOf(status);
    if (!refusal.has_value()) return "";
    for (const auto& [name, value] : refusal->metadata) {
      if (name == key) return value;
    }
    return "";
  }

  Budget budget_{"leases", 3};
  LeaseTable table_{&budget_};
  Stream stream_;
  Stream other_;
  MonoTime now_ = MonoTime{} + std::chrono::hours(1);
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LEASE_TABLE_BENCH_H_
