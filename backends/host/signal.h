// The words of a region's signals: who writes one, how it is changed, and what is asked of its value.
#ifndef L3LINK_BACKENDS_HOST_SIGNAL_H_
#define L3LINK_BACKENDS_HOST_SIGNAL_H_

#include <cstdint>

#include "backends/abi/region_layout.h"

namespace l3link {

enum class SignalWriter : uint8_t { kHost = L3_WRITER_HOST, kChip = L3_WRITER_CHIP, kBoth = L3_WRITER_BOTH };
enum class NotifyOp : uint8_t { kSet = L3_NOTIFY_SET, kAdd = L3_NOTIFY_ADD, kMax = L3_NOTIFY_MAX };
enum class Comparison : uint8_t { kGe = L3_GE, kGt = L3_GT, kEq = L3_EQ, kNe = L3_NE, kLe = L3_LE, kLt = L3_LT };

struct Condition {
  uint32_t signal = 0;
  Comparison comparison = Comparison::kGe;
  uint64_t target = 0;
};

struct Notification {
  uint32_t signal = 0;
  NotifyOp op = NotifyOp::kSet;
  uint64_t value = 0;
};

inline bool Holds(const Condition& condition, uint64_t value) {
  return l3_compare(value, static_cast<uint32_t>(condition.comparison), condition.target) != 0;
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_SIGNAL_H_
