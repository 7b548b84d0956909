// The watches of one stream: what each one still has to say, coalesced to the newest level, and when each times out.
//
// The stream's queue thread adds and drops watches; chip workers' threads tell of firings, under their lock; whoever may
// write takes events. Its own lock is a leaf. A watch has a part in each region that its conditions name; parts that are
// no longer wanted are handed out by TakeUnneeded, to be removed from the region by who may take its lock.
//
//   Begin -> armed --fired--> ready --taken--> armed, or gone (once, ended, refused)
//               \--expiring--TimedOut--> ready
#ifndef L3LINK_SERVER_MEMORY_WATCH_BOARD_H_
#define L3LINK_SERVER_MEMORY_WATCH_BOARD_H_

#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "backends/host/mono_time.h"
#include "backends/host/signal_waits.h"
#include "l3link/v1/memory.pb.h"

namespace l3link {

// The event of a watch that was refused, or has ended for another reason than its conditions or timeout.
void FillRefusedEvent(uint64_t watch_id, const absl::Status& why, v1::WatchEvent* event);

class WatchBoard {
 public:
  using Key = uint64_t;  // of one watch, never used again; the cookie of its parts
  struct Part {
    uint32_t region;  // index in attach
    WaitTable::WaitId wait;
  };
  using Parts = absl::InlinedVector<Part, 1>;
  struct NewWatch {
    uint64_t watch_id = 0;
    std::vector<Condition> conditions;
    std::vector<uint32_t> regions;  // of each condition
    uint32_t region_count = 1;      // distinct ones among them
    Combine combine = Combine::kAny;
    bool once = false;
  };

  // `on_ready(region)` is called, without the board's lock, when a firing in that region made an event ready.
  explicit WatchBoard(absl::AnyInvocable<void(uint32_t region)> on_ready) : on_ready_(std::move(on_ready)) {}

  // Whether a watch of that id is on the board.
  bool Contains(uint64_t watch_id) const ABSL_LOCKS_EXCLUDED(mu_);
  // Takes a watch whose id is not on the board. Its parts are armed next, then Armed or Abandon called.
  Key Begin(NewWatch watch) ABSL_LOCKS_EXCLUDED(mu_);
  // All parts are armed. Answers those that are not needed any more, because it has ended meanwhile.
  [[nodiscard]] Parts Armed(Key key, Parts parts, MonoTime deadline) ABSL_LOCKS_EXCLUDED(mu_);
  // A part was refused: as if it had never been there.
  void Abandon(Key key) ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets a watch and what it had to say. Answers its parts.
  [[nodiscard]] Parts Drop(uint64_t watch_id) ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets all. Answers their parts.
  [[nodiscard]] Parts DropAll() ABSL_LOCKS_EXCLUDED(mu_);

  // From the regions' waits. `values` are of this part's conditions, in order.
  void Fired(Key key, uint32_t region, absl::Span<const uint64_t> values) ABSL_LOCKS_EXCLUDED(mu_);
  void Ended(Key key, uint32_t region, const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);

  // Timeouts. Watches past their deadline are taken for expiring: remove their parts, then say TimedOut, with the values
  // now (or none, for those last seen). A firing in between wins.
  struct Expiring {
    Key key;
    Parts parts;
    std::vector<Condition> conditions;
    std::vector<uint32_t> regions;
  };
  MonoTime next_deadline() const ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<Expiring> TakeExpired(MonoTime now) ABSL_LOCKS_EXCLUDED(mu_);
  void TimedOut(Key key, std::vector<uint64_t> values) ABSL_LOCKS_EXCLUDED(mu_);

  // The event that has been ready longest, in `frame`'s place. False: none is.
  bool TakeEvent(v1::MemoryServiceStreamResponse* frame) ABSL_LOCKS_EXCLUDED(mu_);
  // Parts to be removed from their regions.
  [[nodiscard]] Parts TakeUnneeded() ABSL_LOCKS_EXCLUDED(mu_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);
  bool has_events() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Watch {
    NewWatch spec;
    std::vector<uint64_t> values;  // newest of each condition
    std::vector<uint32_t> seen;    // regions that have been heard of, when there are several
    Parts parts;
    bool expiring = false;
    bool ended = false;  // one more event, then gone
    bool satisfied = false;
    absl::Status why;
    MonoTime deadline = kNever;
    bool ready = false;
    std::list<Key>::iterator place;  // in ready_, when ready
  };

  Watch* Find(Key key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool MakeReady(Key key, Watch& watch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Judge(Watch& watch, uint32_t region, absl::Span<const uint64_t> values) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Parts Erase(Key key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  absl::AnyInvocable<void(uint32_t region)> on_ready_;
  mutable absl::Mutex mu_;
  absl::flat_hash_map<Key, std::unique_ptr<Watch>> watches_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<uint64_t, Key> key_of_ ABSL_GUARDED_BY(mu_);  // by watch_id
  std::list<Key> ready_ ABSL_GUARDED_BY(mu_);
  std::set<std::pair<MonoTime, Key>> deadlines_ ABSL_GUARDED_BY(mu_);
  Parts unneeded_ ABSL_GUARDED_BY(mu_);
  Key next_key_ ABSL_GUARDED_BY(mu_) = 1;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_WATCH_BOARD_H_
