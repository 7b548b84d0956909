// The journal of one session of MemoryService.Stream: how far its operations got, and how the newest were answered.
//
//      0  +------------------------------------------------------------------+
//         | hot: A and B: session id, next op_sequence, notify under way     |
//         +------------------------------------------------------------------+
//         | results: a ring of the last 1,024, and one place more            |
//         +------------------------------------------------------------------+
//         | principal, written before the session is there                   |
//         +------------------------------------------------------------------+
//
// Used under the session's lock, as a NotifyWitness under a chip worker's as well; sans-IO. An operation's result is written,
// then the hot record that counts it. A notify is announced in the hot record before its signal changes and marked after, both
// under the chip worker's lock: so at a restart at most the newest notify of a chip is open.
#ifndef L3LINK_SERVER_MEMORY_JOURNAL_SESSION_JOURNAL_H_
#define L3LINK_SERVER_MEMORY_JOURNAL_SESSION_JOURNAL_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "backends/host/host_region.h"
#include "backends/host/journal/ab_record.h"

namespace l3link {

// What a notify under way is known to be at.
enum class NotifyStage : uint64_t { kNone = 0, kAnnounced = 1, kAnnouncedShared = 2, kStored = 3 };

struct SessionHot {
  char session_id[64] = {};
  uint64_t next = 1;  // op_sequence
  uint64_t stage = 0;
  uint64_t worker_id = 0;  // of the notify under way, as all below
  uint64_t generation = 0;
  uint64_t signal = 0;
  uint64_t value = 0;  // that the signal will have, or has
};

struct KeptResult {
  uint64_t op_sequence = 0;
  uint64_t what = 0;   // as OperationLog packs it
  uint64_t value = 0;  // of the signal
};

struct SessionPlace {
  static constexpr size_t kResults = 1024;
  AbLayout<SessionHot> hot;
  KeptResult results[kResults + 1];  // by op_sequence: writing one overwrites none of the last 1,024
  uint64_t principal[8];             // text, zeros after it
};

class SessionJournal final : public NotifyWitness {
 public:
  // `place`: zeroed memory, or what an earlier daemon left.
  explicit SessionJournal(SessionPlace* place) : place_(*place), record_(&place->hot) {}

  void Begin(absl::string_view session_id, absl::string_view principal, uint64_t next);
  // False: there is no session.
  bool Load() { return record_.Load(&hot_) && hot_.session_id[0] != 0; }
  void Clear();

  SessionPlace* place() { return &place_; }
  std::string session_id() const;
  std::string principal() const;
  uint64_t next() const { return hot_.next; }
  const SessionHot& hot() const { return hot_; }

  // Operation next() was answered so.
  void Append(const KeptResult& result);
  absl::optional<KeptResult> Find(uint64_t op_sequence) const;

  // Whose region the next notify is of.
  void Aim(uint32_t worker_id) { hot_.worker_id = worker_id; }
  void BeforeStore(const Store& store) override;
  void AfterStore(uint64_t value) override;

 private:
  SessionPlace& place_;
  AbRecord<SessionHot> record_;
  SessionHot hot_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_JOURNAL_SESSION_JOURNAL_H_
