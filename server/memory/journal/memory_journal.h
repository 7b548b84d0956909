// The file of what MemoryService remembers for exactly-once: STATE/private/memory.journal.
//
//      0  +--------------------------------------------+
//         | head: magic, version, boot id              |
//   4096  +--------------------------------------------+
//         | notifies: one ring a worker, 16,384 each   |
//         +--------------------------------------------+
//         | sessions: one place each                   |
//         +--------------------------------------------+
//
// Sparse: a ring or a place takes memory when it is first used, and keeps it. Any thread; what it hands out is used as its own header says.
#ifndef L3LINK_SERVER_MEMORY_JOURNAL_MEMORY_JOURNAL_H_
#define L3LINK_SERVER_MEMORY_JOURNAL_MEMORY_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "backends/state/mapped_file.h"
#include "server/memory/journal/notify_journal.h"
#include "server/memory/journal/session_journal.h"

namespace l3link {

class MemoryJournal {
 public:
  static constexpr uint32_t kMostWorkers = 64;
  static constexpr uint32_t kMostSessions = 16'384;
  static constexpr size_t kNotifies = 16'384;  // a worker

  // In an existing private folder: what an earlier daemon of this boot left there, else, or with `discard`, a new one.
  static absl::StatusOr<std::unique_ptr<MemoryJournal>> Open(const std::string& private_dir, bool discard);

  // STATE_SPACE_FULL. worker_id < kMostWorkers; once each.
  absl::StatusOr<std::unique_ptr<NotifyJournal>> Notifies(uint32_t worker_id);
  bool HasNotifies(uint32_t worker_id) const;

  // The sessions that are there; their journals are loaded.
  std::vector<std::unique_ptr<SessionJournal>> Sessions();
  // A place of zeros; given back places keep their memory. STATE_SPACE_FULL, LIMIT_REACHED.
  absl::StatusOr<std::unique_ptr<SessionJournal>> NewSession();
  // Clears and gives back.
  void Forget(std::unique_ptr<SessionJournal> session);

  // Nothing of it is of use to anybody any more.
  void Remove() { file_->Remove(); }

 private:
  explicit MemoryJournal(std::unique_ptr<MappedFile> file) : file_(std::move(file)) {}
  absl::Status Init();
  bool IsOfThisBoot() const;
  SessionPlace* PlaceAt(uint32_t index) const;

  const std::unique_ptr<MappedFile> file_;
  mutable absl::Mutex mu_;
  std::vector<uint32_t> free_ ABSL_GUARDED_BY(mu_);  // places that were used before
  uint32_t used_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_JOURNAL_MEMORY_JOURNAL_H_
