// Who waits for which of one region's signals, and who is to be told when some of them change.
//
// Called by whoever holds the chip worker's lock; sans-IO: no thread, no clock; values come from the `load` it is given.
// A look costs one load for each watched signal looked at, and work for the waits that may fire, not for all that are
// armed: ten thousand waits of which one fires cost about as much as that one.
//
// Waits see levels. One whose conditions hold at any look fires; values in between two looks may go unseen.
//
// How: a wait whose conditions do not hold lies *asleep* under conditions that are false, ordered by target for each signal
// and comparison (any of several: under each of them; all of several: under one that is false). So a signal's new value
// cuts off exactly those to be looked at. A watch whose conditions hold *follows* every change of its signals.
#ifndef L3LINK_BACKENDS_HOST_SIGNAL_WAITS_H_
#define L3LINK_BACKENDS_HOST_SIGNAL_WAITS_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "backends/host/signal.h"

namespace l3link {

enum class Combine : uint8_t { kAny, kAll };

enum class WaitMode : uint8_t {
  kOnce,    // fires when the conditions hold, then is gone
  kWatch,   // fires when they come to hold, and at every change while they do
  kChange,  // fires at every change of a signal it names, and once when added, whatever the conditions say
};

// Told of a wait that fired or ended. Must not call the table it is told by.
class WaitListener {
 public:
  virtual ~WaitListener() = default;
  // `values` are of each condition's signal, in order, as seen by one look; they are gone after the call.
  virtual void OnWaitFired(uint64_t cookie, absl::Span<const uint64_t> values) = 0;
  // The wait is gone and will never fire: what it waits on is closed or broken.
  virtual void OnWaitEnded(uint64_t cookie, const absl::Status& why) = 0;
};

struct WaitSpec {
  std::vector<Condition> conditions;  // at least one; signals exist
  Combine combine = Combine::kAny;
  WaitMode mode = WaitMode::kOnce;
  WaitListener* listener = nullptr;  // outlives the wait
  uint64_t cookie = 0;               // comes back in OnWaitFired
};

class WaitTable {
 public:
  using WaitId = uint64_t;
  static constexpr WaitId kGone = 0;

  // Answers a signal's value now; nothing when what was read is not to be believed (its memory is gone): then it counts as
  // unchanged, and nothing fires.
  using Load = absl::AnyInvocable<absl::optional<uint64_t>(uint32_t signal)>;

  explicit WaitTable(Load load) : load_(std::move(load)) {}
  ~WaitTable();

  WaitTable(const WaitTable&) = delete;
  WaitTable& operator=(const WaitTable&) = delete;

  // Looks at the wait's signals, then arms it. One that holds now fires within the call; a kOnce is then kGone.
  WaitId Add(WaitSpec spec);
  // It never fires again. False when it is gone already.
  bool Remove(WaitId id);
  // Ends all waits and forgets them.
  void EndAll(const absl::Status& why);

  // Loads every watched signal and fires what is to fire.
  void Look();
  // The same for signals that are known to have changed (host notifies). Those that nobody watches cost nothing. Signals
  // that may fire together with them are looked at too, so that "all" is judged at one look.
  void LookAt(absl::Span<const uint32_t> signals);

  size_t size() const { return entries_.size(); }
  size_t watched_signals() const { return signals_.size(); }
  // How many waits were ever looked at because of a change: what the order by target saves.
  uint64_t considered() const { return considered_; }

 private:
  using Trigger = std::pair<uint64_t, WaitId>;  // bound, who
  using Triggers = absl::btree_set<Trigger>;

  struct Signal {
    uint64_t value = 0;  // at the newest look
    uint64_t look = 0;   // which look that was
    // Asleep. None of them holds for `value`.
    Triggers rising;   // value >= bound: GE, GT
    Triggers falling;  // value <= bound: LE, LT
    Triggers equal;
    Triggers unequal;
    absl::flat_hash_set<WaitId> followers;

    bool unwatched() const;
  };
  struct Entry {
    WaitSpec spec;
    bool following = false;
    uint32_t asleep_under = 0;   // kAll: which condition
    uint64_t considered_at = 0;  // the look that put it among the candidates
  };

  Signal& SignalOf(uint32_t signal);
  void LoadSignal(uint32_t signal, Signal& state, std::vector<WaitId>* touched);
  void RunLook(std::vector<uint32_t> to_load);
  void Consider(WaitId id);
  void Fire(const Entry& entry);
  bool HoldsNow(const Entry& entry, uint32_t* first_false) const;
  void Follow(WaitId id, Entry& entry);
  void Sleep(WaitId id, Entry& entry, uint32_t under);
  void Disarm(WaitId id, const Entry& entry);
  void DropTrigger(WaitId id, const Condition& condition);
  void PutTrigger(WaitId id, const Condition& condition);
  void ForgetUnwatched(uint32_t signal);

  Load load_;
  absl::flat_hash_map<uint32_t, std::unique_ptr<Signal>> signals_;  // those that somebody names
  absl::flat_hash_map<WaitId, std::unique_ptr<Entry>> entries_;
  WaitId next_id_ = 1;
  uint64_t look_ = 0;
  uint64_t considered_ = 0;
  std::vector<uint64_t> values_;  // scratch of Fire
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_SIGNAL_WAITS_H_
