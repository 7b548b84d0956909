// A count that has a cap: streams, leases, bytes of windows. Lock-free; any thread.
//
// Whoever takes from a budget gives back as much, at the latest when the stream or lease ends.
#ifndef L3LINK_SERVER_BUDGET_H_
#define L3LINK_SERVER_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace l3link {

class Budget {
 public:
  // `name` is the limit's row in the table ("streams").
  Budget(std::string name, uint64_t maximum) : name_(std::move(name)), maximum_(maximum) {}

  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Takes `amount`, or nothing: LIMIT_REACHED{limit, maximum}.
  absl::Status Take(uint64_t amount);
  // Takes as much of `wanted` as is left, but at least `least` <= wanted; LIMIT_REACHED when not even that is left.
  absl::StatusOr<uint64_t> TakeUpTo(uint64_t least, uint64_t wanted);
  void Give(uint64_t amount);

  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t maximum() const { return maximum_; }

 private:
  absl::Status Refused(uint64_t amount, uint64_t used) const;

  const std::string name_;
  const uint64_t maximum_;
  std::atomic<uint64_t> used_{0};  // relaxed throughout: it orders nothing, it only counts
};

}  // namespace l3link

#endif  // L3LINK_SERVER_BUDGET_H_
