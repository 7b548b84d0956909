#include "server/budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::Status Budget::Take(uint64_t amount) { return TakeUpTo(amount, amount).status(); }

absl::StatusOr<uint64_t> Budget::TakeUpTo(uint64_t least, uint64_t wanted) {
  uint64_t used = used_.load(std::memory_order_relaxed);
  while (true) {
    const uint64_t left = maximum_ - used;
    if (left < least) return Refused(least, used);
    const uint64_t taken = std::min(wanted, left);
    if (used_.compare_exchange_weak(used, used + taken, std::memory_order_relaxed)) return taken;
  }
}

void Budget::Give(uint64_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }

absl::Status Budget::Refused(uint64_t amount, uint64_t used) const {
  return Refuse(Reason::kLIMIT_REACHED,
                absl::StrCat(name_, ": ", used, " in use and ", amount, " asked > limit ", maximum_),
                {{"limit", name_}, {"maximum", absl::StrCat(maximum_)}, {"used", absl::StrCat(used)}});
}

}  // namespace l3link
