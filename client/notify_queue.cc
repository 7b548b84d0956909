#include "client/notify_queue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

bool IsAboutSessions(const v1::OperationResult& result) {
  return result.reason() == v1::Reason_Name(v1::LIMIT_REACHED) ||
         result.reason() == v1::Reason_Name(v1::STATE_SPACE_FULL);
}

}  // namespace

void NotifyQueue::End(Operation& operation, std::optional<absl::StatusOr<uint64_t>> answer) {
  if (operation.ticket == nullptr) return;
  operation.ticket->over = true;
  operation.ticket->answer = std::move(answer);
  operation.ticket->told.WakeAll();
  operation.ticket = nullptr;
}

void NotifyQueue::Add(const v1::Notification& notify, MonoTime patience, MonoTime deadline, NotifyTicket* ticket) {
  operations_.push_back({notify, patience, deadline, ticket});
}

absl::Status NotifyQueue::Forgotten(uint64_t sequence) const {
  return NameNode(
      MakeError(absl::StatusCode::kUnknown, v1::OUTCOME_UNKNOWN,
                "the notify may have been done: the connection was lost before its answer came, and the node "
                "has forgotten the session",
                {{"op_sequence", absl::StrCat(sequence)}}),
      node_);
}

void NotifyQueue::OnAttached(const v1::MemoryAttached& attached) {
  const uint64_t next = attached.next_op_sequence();
  const bool kept = next >= known_next_ && next <= next_;
  session_id_ = attached.session_id();
  next_ = known_next_ = next;
  for (Operation& operation : operations_) {
    if (!kept) End(operation, Forgotten(operation.sequence));
    if (operation.ticket != nullptr && operation.sequence >= next) operation.sequence = 0;
  }
  const auto gone = [](const Operation& operation) { return operation.ticket == nullptr; };
  operations_.erase(std::remove_if(operations_.begin(), operations_.end(), gone), operations_.end());
  attached_ = true;
  open_ = next > 0 && !session_id_.empty();
}

void NotifyQueue::OnBroken(const absl::Status& why) {
  attached_ = open_ = false;
  sent_ = 0;
  break_ = why;
  GiveBackUnsent();
}

void NotifyQueue::GiveBackUnsent() {
  while (!operations_.empty() && operations_.back().sequence == 0) {
    End(operations_.back(), std::nullopt);
    operations_.pop_back();
  }
}

std::optional<v1::MemoryServiceStreamRequest> NotifyQueue::NextFrame() {
  if (!attached_ || sent_ == operations_.size()) return std::nullopt;
  Operation& operation = operations_[sent_++];
  if (operation.sequence == 0) operation.sequence = next_++;
  v1::MemoryServiceStreamRequest frame;
  frame.mutable_operation()->set_op_sequence(operation.sequence);
  *frame.mutable_operation()->mutable_notify() = operation.notify;
  return frame;
}

void NotifyQueue::OnResult(const v1::OperationResult& result) {
  if (sent_ == 0 || operations_.front().sequence != result.op_sequence()) return;  // the node answers in order
  known_next_ = std::max(known_next_, result.op_sequence() + 1);
  if (result.code() == 0) {
    End(operations_.front(), result.signal_value());
  } else if (result.reason() == v1::Reason_Name(v1::OUTCOME_UNKNOWN)) {
    End(operations_.front(),
        NameNode(MakeError(static_cast<absl::StatusCode>(result.code()), v1::OUTCOME_UNKNOWN, result.message(),
                           {{"op_sequence", absl::StrCat(result.op_sequence())}}),
                 node_));
  } else {
    End(operations_.front(), std::nullopt);
  }
  operations_.pop_front();
  --sent_;
  if (!IsAboutSessions(result)) return;
  open_ = false;
  GiveBackUnsent();
}

MonoTime NotifyQueue::EndOf(const Operation& operation) const {
  if (operation.ticket == nullptr) return kNever;
  return attached_ ? operation.deadline : std::min(operation.patience, operation.deadline);
}

MonoTime NotifyQueue::NextDeadline() const {
  for (const Operation& operation : operations_) {
    if (operation.ticket != nullptr) return EndOf(operation);  // later ones have more time
  }
  return kNever;
}

// As the unary call says it.
absl::Status NotifyQueue::TooLate() const {
  if (!attached_ && absl::IsUnavailable(break_)) return break_;
  return NameNode(absl::DeadlineExceededError("Deadline Exceeded"), node_);
}

void NotifyQueue::Expire(MonoTime now) {
  for (size_t i = 0; i < operations_.size();) {
    if (EndOf(operations_[i]) > now) {
      ++i;
      continue;
    }
    End(operations_[i], TooLate());
    if (operations_[i].sequence == 0) {
      operations_.erase(operations_.begin() + static_cast<ptrdiff_t>(i));
    } else {
      ++i;  // its result may still come
    }
  }
}

void NotifyQueue::Fail(const absl::Status& why) {
  for (Operation& operation : operations_) End(operation, why);
  operations_.clear();
  sent_ = 0;
}

bool NotifyQueue::in_doubt() const {
  return std::any_of(operations_.begin(), operations_.end(),
                     [](const Operation& operation) { return operation.ticket != nullptr; });
}

}  // namespace l3link::client
