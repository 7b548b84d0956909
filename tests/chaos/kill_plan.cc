#include "tests/chaos/kill_plan.h"

#include <algorithm>

namespace l3link::chaos {

namespace {

constexpr uint64_t kParts = 4;  // of a stretch

}  // namespace

const char* NameOf(Victim victim) {
  switch (victim) {
    case Victim::kDaemon: return "daemon";
    case Victim::kClient: return "client";
    case Victim::kChip: return "chip";
  }
  return "";
}

KillPlan::KillPlan(uint64_t kills, uint64_t messages, uint64_t seed)
    : kills_(kills), messages_(messages), random_(seed) {
  Next();
}

void KillPlan::Done() {
  ++done_;
  ahead_ -= std::min(ahead_, kParts);
  Next();
}

void KillPlan::Next() {
  if (done_ % order_.size() == 0) std::shuffle(order_.begin(), order_.end(), random_);
  const double stretch = static_cast<double>(messages_) / static_cast<double>(kills_ + 1);
  const double within = 0.2 + 0.5 * std::uniform_real_distribution<double>()(random_);
  due_ = static_cast<uint64_t>(stretch * (static_cast<double>(done_) + within));
}

uint64_t KillPlan::Sendable(uint64_t messages_of_lane) const {
  const uint64_t parts = std::min(kParts * (done_ + 1) + ahead_, kParts * (kills_ + 1));
  return messages_of_lane * parts / (kParts * (kills_ + 1));
}

}  // namespace l3link::chaos
