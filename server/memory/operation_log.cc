#include "server/memory/operation_log.h"

#include <utility>

namespace l3link {

void OperationLog::Append(Result result) {
  if (newest_.size() == kRemembered) newest_.pop_front();
  newest_.push_back(std::move(result));
  ++next_;
}

absl::optional<OperationLog::Result> OperationLog::Find(uint64_t op_sequence) const {
  const uint64_t oldest = next_ - newest_.size();
  if (op_sequence < oldest || op_sequence >= next_) return absl::nullopt;
  return newest_[op_sequence - oldest];
}

}  // namespace l3link
