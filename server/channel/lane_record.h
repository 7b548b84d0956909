// What the node remembers of one lane's sessions: who holds or held it last, under which epoch, how far it got, and how far
// the sessions before it got.
//
// Sans-IO; owned by LeaseTable, used under the chip worker's lock. Grant, Drop and Retire are written to the lane's journal
// before they return, so that they outlive the daemon; positions are written there by the lane itself.
#ifndef L3LINK_SERVER_CHANNEL_LANE_RECORD_H_
#define L3LINK_SERVER_CHANNEL_LANE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_geometry.h"

namespace l3link {

// A lane of a chip's arena, across its resets.
struct LaneKey {
  uint64_t channel_generation = 0;
  Direction direction = Direction::kHostToChip;
  uint32_t lane = 0;

  bool operator==(const LaneKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const LaneKey& key) {
    return H::combine(std::move(h), key.channel_generation, key.direction, key.lane);
  }
};

// "host_to_chip lane 3"
std::string LaneLabel(const LaneKey& key);

// For how long a session is granted a lane, together with which others, and whose it is.
struct GrantTerms {
  uint64_t lease_id = 0;  // the same for all lanes of one lease; 0: for a moment
  absl::Duration ttl = absl::ZeroDuration();
  std::string principal = {};  // of a session that is here already: as before
};

class LaneRecord {
 public:
  // As `journal`, which outlives it, has the lane; null: a lane without a history, of which nothing is kept.
  explicit LaneRecord(const LaneKey& key, LaneJournal* journal = nullptr);

  // The lane is now at `generation`; at another one than before, its last session is retired, and positions restart.
  void Enter(uint64_t generation, uint64_t position);
  // `session_id` holds the lane from now on: the epoch rises, and whoever else was last is retired. Empty: a momentary
  // holder without a name, which is not remembered. Answers the new epoch.
  uint64_t Grant(absl::string_view session_id, const GrantTerms& terms = {});
  // Nobody holds it any more; its session may come back.
  void Drop();
  // The last session will not go on here: remembered with its final position.
  void Retire();
  // The lane's count of published (host_to_chip) or acknowledged (chip_to_host) messages is now `count`.
  void Published(uint64_t count) { position_ = count; }
  void Acked(uint64_t count) { position_ = count; }

  const LaneKey& key() const { return key_; }
  uint64_t generation() const { return generation_; }
  uint64_t epoch() const { return epoch_; }
  uint64_t position() const { return position_; }
  const std::string& last_session() const { return last_session_; }  // holder or last one; empty: none
  uint64_t start() const { return start_; }                          // where the last session began
  const std::string& last_principal() const { return last_principal_; }
  bool IsLast(absl::string_view session_id) const { return !session_id.empty() && session_id == last_session_; }
  // nullptr: never here, or forgotten.
  const RetiredSession* FindRetired(absl::string_view session_id) const;
  // Unless the session is remembered here as another principal's: SESSION_OF_ANOTHER.
  absl::Status CheckOwner(absl::string_view session_id, absl::string_view principal) const;

 private:
  void Forget(absl::string_view session_id);

  const LaneKey key_;
  LaneJournal* const journal_;
  uint64_t generation_ = 0;
  uint64_t epoch_ = 0;
  uint64_t position_ = 0;
  uint64_t start_ = 0;
  std::string last_session_;
  std::string last_principal_;
  std::vector<RetiredSession> retired_;  // oldest first, at most kRetiredSessions
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LANE_RECORD_H_
