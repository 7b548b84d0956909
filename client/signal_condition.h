// Conditions on a region's signals, changes of them, and what a wait answers. Plain values; any thread.
#ifndef L3LINK_CLIENT_SIGNAL_CONDITION_H_
#define L3LINK_CLIENT_SIGNAL_CONDITION_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"

namespace l3link::client {

enum class Compare { kGe, kGt, kEq, kNe, kLe, kLt };

// Holds when signal <compare> target.
struct SignalCondition {
  uint32_t signal = 0;
  uint64_t target = 0;
  Compare compare = Compare::kGe;
};

enum class SignalOp { kSet, kAdd, kMax };

struct SignalChange {
  uint32_t signal = 0;
  uint64_t value = 0;
  SignalOp op = SignalOp::kSet;
};

enum class Combine { kAny, kAll };

struct WaitResult {
  bool satisfied = false;        // false: the timeout passed
  std::vector<uint64_t> values;  // of each condition's signal when last looked at; may be empty when the node was away
};

using WatchCallback = std::function<void(const absl::StatusOr<WaitResult>&)>;

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_SIGNAL_CONDITION_H_
