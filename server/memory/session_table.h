// The sessions of MemoryService.Stream by id. A session outlives its streams; the newest stream is the one that counts.
//
// Any thread. Bounded: beyond `most`, sessions without a stream are forgotten, the longest unused first; a client that
// comes back to a forgotten one begins at op_sequence 1 and sees so in attached. One whose id the table made up is forgotten as
// well some time after kUnusedAtMost without a stream: each client that comes for the first time has a few looked at.
#ifndef L3LINK_SERVER_MEMORY_SESSION_TABLE_H_
#define L3LINK_SERVER_MEMORY_SESSION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backends/host/mono_time.h"
#include "server/memory/journal/memory_journal.h"
#include "server/memory/operation_log.h"

namespace l3link {

// One session. Its lock is held while an operation is done: taken before any chip worker's lock.
struct SessionRecord {
  SessionRecord(std::string id, std::string owner) : session_id(std::move(id)), principal(std::move(owner)) {}

  const std::string session_id;
  const std::string principal;  // whose it is
  absl::Mutex mu;
  uint64_t newest_stream ABSL_GUARDED_BY(mu) = 0;  // older ones are superseded
  OperationLog log ABSL_GUARDED_BY(mu);
};

class SessionTable {
 public:
  static constexpr absl::Duration kUnusedAtMost = absl::Minutes(10);

  // `journal` outlives it; null: nothing outlives the daemon.
  explicit SessionTable(size_t most, MemoryJournal* journal = nullptr) : most_(most), journal_(journal) {}

  // After a restart, first: what an earlier daemon remembered. `store_again` does a notify that had been announced and may not
  // have been done, on a signal that only the host writes; false: it cannot.
  void Restore(std::vector<std::unique_ptr<SessionJournal>> sessions,
               const std::function<bool(const SessionHot&)>& store_again) ABSL_LOCKS_EXCLUDED(mu_);
  // Before a session's first operation that counts. STATE_SPACE_FULL, LIMIT_REACHED.
  absl::Status KeepLog(SessionRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(record.mu);

  struct Attached {
    std::shared_ptr<SessionRecord> record;
    uint64_t stream;         // this stream's number in the session
    uint64_t next_sequence;  // what its next operation should carry
    SessionTable* table;
  };

  // Makes a new stream the session's newest. An empty id: the table makes one up. INVALID_ARGUMENT_FIELD unless the id
  // is empty or 1 to 64 printable ASCII characters; SESSION_OF_ANOTHER{session_id, owner, principal} unless it is new or
  // `principal`'s; LIMIT_REACHED when every session has a stream.
  absl::StatusOr<Attached> Attach(absl::string_view session_id, const std::string& principal, MonoTime now)
      ABSL_LOCKS_EXCLUDED(mu_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    std::shared_ptr<SessionRecord> record;
    std::list<std::string>::iterator age;
    MonoTime unused_since = kNever;  // as far as ForgetSome has seen
  };
  using Entries = absl::flat_hash_map<std::string, Entry>;

  bool ForgetOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Looks at the next few.
  void ForgetSome(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Forget(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t most_;
  MemoryJournal* const journal_;
  mutable absl::Mutex mu_;
  Entries sessions_ ABSL_GUARDED_BY(mu_);
  std::list<std::string> longest_unused_first_ ABSL_GUARDED_BY(mu_);
  std::list<std::string>::iterator next_look_ ABSL_GUARDED_BY(mu_) = longest_unused_first_.end();  // of ForgetSome
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_SESSION_TABLE_H_
