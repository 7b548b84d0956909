// What must be true, kept apart from the code under test: what each lane holds, who holds it, how far each session got.
//
// The daemon's and the chip's sides tell what they did; the oracle compares, and fails the world at the first difference. It
// reads the ring's bytes itself. Owned by Simulation; one thread.
#ifndef L3LINK_TESTS_SIMULATION_ORACLE_H_
#define L3LINK_TESTS_SIMULATION_ORACLE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "backends/host/lane_geometry.h"
#include "backends/host/poison.h"
#include "backends/host/refusal.h"
#include "tests/simulation/sim_arena.h"
#include "tests/simulation/world.h"

namespace l3link::simulation {

// What a session sends on its lane, by sequence; shared by its client's lives as long as it remembers.
struct Log {
  uint64_t first = 0;
  std::vector<uint64_t> contents;

  uint64_t end() const { return first + contents.size(); }
};

// Whoever made the daemon act.
struct Actor {
  int session = 0;
  uint64_t lease = 0;  // the oracle's number of its grant
  const Log* log = nullptr;
};

struct LaneTruth {
  Direction direction = Direction::kHostToChip;
  uint32_t index = 0;
  uint64_t generation = 0;
  std::vector<uint64_t> contents;  // of this generation: published by daemon or chip
  uint64_t position = 0;           // to the chip: published; to the host: acknowledged
  uint64_t handed_out = 0;         // one past the newest that any client received
  uint64_t acked_by_client = 0;    // one past the newest that any client acknowledged

  int last_session = 0;  // 0: none
  uint64_t lease = 0;    // 0: not held
  uint64_t epoch = 0;
  MonoTime heard = {};  // when the holder's last frame was handled
  struct Final {
    int session;
    uint64_t generation;
    uint64_t position;
  };
  std::vector<Final> finals;   // of sessions that others followed
  uint64_t reset_lease = 0;    // held it without a stream as it was reset: ends whole when the lane is next asked for
  bool may_end_early = false;  // the lease's other lane was reset while it had no stream
  std::vector<Final> finals_before;  // the newest grant
  int last_before = 0;
  uint64_t lease_before = 0;

  bool attacked = false;
  uint32_t poisons = 0;              // those that an attack may lead to, as bits
  bool detectable = false;           // the next audit must find it,
  bool detectable_now_only = false;  // if nothing happens before
  bool poison_seen = false;          // counted

  bool held() const { return lease != 0; }
};

class Oracle {
 public:
  Oracle(World* world, SimArena* arena);

  LaneTruth& lane(Direction direction, uint32_t index) {
    return lanes_[static_cast<size_t>(direction) * world_.knobs.lanes + index];
  }
  std::vector<LaneTruth>& lanes() { return lanes_; }

  // --- Leases. ---
  // What an attach must be answered: OK, or the reason with the positions it must name.
  struct Expected {
    absl::optional<Reason> reason;
    std::vector<std::pair<std::string, uint64_t>> metadata;
  };
  Expected ExpectAttach(int session, bool resume, const std::vector<LaneTruth*>& lanes) const;
  Expected ExpectResume(int session, const std::vector<LaneTruth*>& lanes) const;
  // The lanes are asked for: what an earlier reset left undone is done.
  void Touch(const std::vector<LaneTruth*>& lanes);
  void CheckRefusal(const Expected& expected, const absl::Status& status);
  // Answers the grant's number.
  uint64_t Granted(int session, const std::vector<LaneTruth*>& lanes);
  void Heard(uint64_t lease);
  void HeardAll();                 // the daemon was restarted: full ttls
  void Shift(absl::Duration gap);  // the daemon stood still
  enum class Over { kExpired, kReleased, kSuperseded };
  void LeaseOver(uint64_t lease, Over how);
  void ReleasedByOperator(LaneTruth& lane);
  // The daemon died before this grant counted, but not before the session it followed was retired.
  void GrantUndone(LaneTruth& lane);
  // Whether something other than time ended a lease of this session: it may not know yet.
  bool Excused(int session) const { return std::find(excused_.begin(), excused_.end(), session) != excused_.end(); }
  // The session that holds the lane; 0: nobody.
  int Holder(const LaneTruth& lane) const { return lane.held() ? lane.last_session : 0; }

  // --- Lanes. ---
  // Positions may have moved, by `actor`; nullptr: they must not have.
  void Observe(const Actor* actor);
  // Until it sees again, Observe does nothing: what happens meanwhile may be undone.
  void set_blind(bool blind) { blind_ = blind; }
  void ChipPublished();
  void LaneReset(LaneTruth& lane);
  // A lane's poison is one that its attack may lead to.
  void CheckPoisons();
  // `detectable`: 0 not by looking, 1 by an audit now, 2 by any audit before the next restart.
  void Attacked(LaneTruth& lane, uint32_t poisons, int detectable);
  // What was published and not consumed is still in the rings as it was.
  void CheckRings();
  // The chip lost its place in the pair of lanes: what is answered next is what is taken next.
  void Realign(uint32_t pair);

 private:
  void ObservePublished(LaneTruth& lane, const Actor* actor);
  void ObserveAcked(LaneTruth& lane, const Actor* actor);
  bool ReadSlot(const LaneTruth& lane, uint64_t sequence, uint64_t* id);
  void Retire(LaneTruth& lane);
  void Wrong(const LaneTruth& lane, const std::string& what);

  World& world_;
  SimArena& arena_;
  std::vector<LaneTruth> lanes_;
  std::vector<uint64_t> echo_next_;  // by pair: the next message to be answered
  uint64_t newest_lease_ = 0;
  bool blind_ = false;
  std::vector<int> excused_;
};

constexpr uint32_t PoisonBit(PoisonReason reason) { return 1u << static_cast<int>(reason); }

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_ORACLE_H_
