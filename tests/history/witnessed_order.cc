#include "tests/history/witnessed_order.h"

#include <algorithm>

namespace l3link::history {

WitnessedOrder::Outcome WitnessedOrder::See(uint64_t number) {
  if (number == next_) {
    ++next_;
    return Outcome::kNext;
  }
  if (number < next_) return FillGap(number) ? Outcome::kLate : Outcome::kAgain;
  AddGap(next_, number);
  next_ = number + 1;
  return Outcome::kSkipped;
}

uint64_t WitnessedOrder::Missing(uint64_t through) const {
  uint64_t missing = forgotten_ + (through > next_ ? through - next_ : 0);
  for (const auto& [first, end] : gaps_)
    if (first < through) missing += std::min(end, through) - first;
  return missing;
}

void WitnessedOrder::AddGap(uint64_t first, uint64_t end) {
  if (gaps_.size() == kMostGaps) {
    forgotten_ += gaps_.begin()->second - gaps_.begin()->first;
    gaps_.erase(gaps_.begin());
  }
  gaps_[first] = end;
}

bool WitnessedOrder::FillGap(uint64_t number) {
  auto gap = gaps_.upper_bound(number);
  if (gap == gaps_.begin()) return false;
  --gap;
  const auto [first, end] = *gap;
  if (number >= end) return false;
  gaps_.erase(gap);
  if (first < number) gaps_[first] = number;
  if (number + 1 < end) gaps_[number + 1] = end;
  return true;
}

}  // namespace l3link::history
