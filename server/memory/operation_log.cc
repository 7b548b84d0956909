#include "server/memory/operation_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

// code | reason << 8 (0: none) | bits
constexpr uint64_t kHasValue = uint64_t{1} << 32;
constexpr uint64_t kWasRead = uint64_t{1} << 33;

KeptResult ToKept(uint64_t op_sequence, const OperationLog::Result& result) {
  KeptResult kept{op_sequence, static_cast<uint64_t>(result.status.code()), result.signal_value.value_or(0)};
  if (absl::optional<Refusal> refusal = RefusalOf(result.status)) {
    kept.what |= (static_cast<uint64_t>(refusal->row->reason) + 1) << 8;
  }
  if (result.signal_value.has_value()) kept.what |= kHasValue;
  if (result.was_read) kept.what |= kWasRead;
  return kept;
}

OperationLog::Result FromKept(const KeptResult& kept) {
  OperationLog::Result result;
  const uint64_t reason = kept.what >> 8 & 0xffff;
  const std::string words =
      absl::StrCat("operation ", kept.op_sequence, ", as it was answered before the node restarted");
  if (reason > 0 && reason <= ReasonTable().size()) {
    result.status = Refuse(ReasonTable()[reason - 1].reason, words);
  } else if ((kept.what & 0xff) != 0) {
    result.status = absl::Status(static_cast<absl::StatusCode>(kept.what & 0xff), words);
  }
  if ((kept.what & kHasValue) != 0) result.signal_value = kept.value;
  result.was_read = (kept.what & kWasRead) != 0;
  return result;
}

}  // namespace

void OperationLog::KeepIn(std::unique_ptr<SessionJournal> journal) {
  journal_ = std::move(journal);
  if (journal_->next() == next_) return;
  next_ = journal_->next();
  for (uint64_t sequence = next_ > kRemembered ? next_ - kRemembered : 1; sequence < next_; ++sequence) {
    const absl::optional<KeptResult> kept = journal_->Find(sequence);
    if (!kept.has_value()) {
      newest_.clear();  // what is remembered has no gaps
    } else {
      newest_.push_back(FromKept(*kept));
    }
  }
}

void OperationLog::Append(Result result) {
  if (journal_ != nullptr) journal_->Append(ToKept(next_, result));
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
