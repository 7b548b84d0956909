// What one session of MemoryService.Stream has had done: the next op_sequence, and the newest results.
//
// Lives longer than a stream, so that a client whose stream was lost sends its unanswered operations again and has each
// answered, not done twice. Results of reads are not kept: a read is done again. Used under its SessionRecord's lock. With a
// journal it outlives the daemon too; of a refusal the reason is kept there, not the words.
#ifndef L3LINK_SERVER_MEMORY_OPERATION_LOG_H_
#define L3LINK_SERVER_MEMORY_OPERATION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "server/memory/journal/session_journal.h"

namespace l3link {

class OperationLog {
 public:
  static constexpr size_t kRemembered = 1024;  // results

  struct Result {
    absl::Status status;
    absl::optional<uint64_t> signal_value;
    bool was_read = false;  // to be done again for its data
  };

  // Sequences start at 1: 0 is an operation without one.
  uint64_t next_sequence() const { return next_; }

  // Where it is kept from now on; `journal` has begun with next_sequence(), or was loaded.
  void KeepIn(std::unique_ptr<SessionJournal> journal);
  SessionJournal* journal() { return journal_.get(); }  // null: nowhere
  std::unique_ptr<SessionJournal> TakeJournal() { return std::move(journal_); }

  // next_sequence() was done, with this result.
  void Append(Result result);

  // The result of one done before; nothing when it is no longer kept. 1 <= op_sequence < next_sequence().
  absl::optional<Result> Find(uint64_t op_sequence) const;

 private:
  std::unique_ptr<SessionJournal> journal_;
  uint64_t next_ = 1;
  std::deque<Result> newest_;  // of next_ - size() to next_ - 1
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_OPERATION_LOG_H_
