#include "tests/chaos/kill_plan.h"

#include <algorithm>

namespace l3link::chaos {

namespace {

// When the messages are ahead of the kills, the next one comes after fewer than so many more.
constexpr uint64_t kShortStretch = 4000;

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
    : kills_(kills), stretch_(static_cast<double>(messages) / static_cast<double>(kills + 1)), random_(seed) {
  Next(0);
}

void KillPlan::Done(uint64_t received) {
  ++done_;
  Next(received);
}

void KillPlan::Next(uint64_t received) {
  if (done_ % order_.size() == 0) std::shuffle(order_.begin(), order_.end(), random_);
  const double within = 0.2 + 0.6 * std::uniform_real_distribution<double>()(random_);
  due_ =
      std::max(static_cast<uint64_t>(stretch_ * (static_cast<double>(done_) + within)), received + Draw(kShortStretch));
}

}  // namespace l3link::chaos
