// The two memories of one chip, arena and journal: found as an earlier daemon left them, or made anew as a pair.
//
// Owned by its ChipWorker. What is found is adopted only if it is of this boot, and the arena is the one that the journal
// knows: same pairing id, generation and size. The journal is believed; the arena never says what it is itself.
#ifndef L3LINK_BACKENDS_WORKER_KEPT_STATE_H_
#define L3LINK_BACKENDS_WORKER_KEPT_STATE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/platform.h"
#include "backends/state/journal_memory.h"

namespace l3link {

struct StateRequest {
  uint32_t worker_id = 0;
  uint64_t arena_bytes = 0;  // of a new arena; one that is found keeps its size
  uint32_t max_objects = 0;  // of a new arena
  std::string private_dir;   // STATE/private; empty: nothing is kept
};

class KeptState {
 public:
  // `platform` outlives it. FAILED_PRECONDITION: the state is another version's or another platform's. DATA_LOSS: its journal is
  // damaged. PERMISSION_DENIED: a file is not ours alone.
  static absl::StatusOr<std::unique_ptr<KeptState>> Open(Platform* platform, const StateRequest& request);
  // For a platform that is not supported: memory for a table that refuses every open.
  static absl::StatusOr<std::unique_ptr<KeptState>> Nothing(const PlatformTraits& traits, uint32_t max_objects);
  ~KeptState();

  // Nothing of it is of use to anybody: it is removed when this ends.
  void Forget(Platform* platform);

  absl::Span<std::byte> arena() const { return arena_; }
  ChipJournal& journal() { return *journal_; }
  uint32_t max_objects() const { return journal_->identity().max_objects; }
  // Whether there is something to recover.
  bool adopted() const { return adopted_; }
  // What came of looking, for the log; empty: there was nothing to say.
  const std::string& note() const { return note_; }

 private:
  KeptState() = default;
  absl::Status Adopt(Platform* platform, const std::string& path);
  absl::Status AdoptArena(Platform* platform);
  absl::Status Make(Platform* platform, const StateRequest& request, const std::string& path);
  absl::Status MakeJournal(const PlatformTraits& traits, uint32_t max_objects, const std::string& path);

  absl::Span<std::byte> arena_;
  bool arena_is_ours_ = false;  // to unmap
  std::unique_ptr<JournalMemory> memory_;
  std::unique_ptr<ChipJournal> journal_;
  bool adopted_ = false;
  std::string note_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_KEPT_STATE_H_
