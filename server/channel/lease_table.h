// The leases of one chip's lanes: who may write and acknowledge, until when, and who is next.
//
//   free --Attach--> held --Detach, Expire, ReleaseByOperator--> free (the last session may come back and go on)
//   held --Attach by the same session--> held at a higher epoch; the old stream is told SESSION_SUPERSEDED
//   held --DropHolder--> held without a stream, for the rest of its ttl
//
// A lease covers the one or two lanes that one stream attached; all of them or none are granted. Expiry is judged in Tick
// alone. A lease found over its deadline is only marked there: input that was ready has until the next Tick to be read,
// and any frame renews. A tick that comes late (the process or machine stood still) first shifts every deadline by the gap.
//
// Sans-IO: the time is a parameter; everything happens under the chip worker's lock. Unary calls take a lane for the one
// moment in which they write (GrantMomentary): such a lease is never seen by others.
#ifndef L3LINK_SERVER_CHANNEL_LEASE_TABLE_H_
#define L3LINK_SERVER_CHANNEL_LEASE_TABLE_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backends/host/mono_time.h"
#include "server/budget.h"
#include "server/channel/lane_record.h"

namespace l3link {

// A stream, as the table knows it. Called under the lock; must not block.
class LeaseHolder {
 public:
  virtual ~LeaseHolder() = default;
  // The lease is gone, and forgotten by the table: LEASE_EXPIRED, LEASE_RELEASED or SESSION_SUPERSEDED.
  virtual void OnLeaseLost(const absl::Status& why) = 0;
  // Who waits: a lane of the channel came free, and it is your turn to try Attach again. Leave the queue when granted.
  virtual void OnLeaseTurn() = 0;
};

// A lane as the caller finds it now.
struct LaneNow {
  LaneKey key;
  uint64_t generation = 0;
  uint64_t position = 0;  // host_to_chip: published; chip_to_host: acked
  uint64_t consumed = 0;  // the ring's head, for final answers
  LaneJournal* journal = nullptr;
};

struct LeaseRequest {
  std::string session_id;  // not empty
  bool resume = false;     // SESSION_UNKNOWN or SESSION_LOST rather than a new session
  absl::Duration ttl;
  std::vector<LaneNow> lanes;  // one or two
  std::string principal = {};  // who asks
};

class Lease {
 public:
  const std::string& session_id() const { return session_id_; }
  const std::string& principal() const { return principal_; }
  absl::Duration ttl() const { return ttl_; }
  bool resumed() const { return resumed_; }
  // In order of the request.
  LaneRecord& record(size_t index) const { return *lanes_[index].record; }
  uint64_t epoch(size_t index) const { return lanes_[index].epoch; }
  size_t lane_count() const { return lanes_.size(); }

 private:
  friend class LeaseTable;
  struct Lane {
    LaneRecord* record;
    uint64_t epoch;
  };

  std::string session_id_;
  std::string principal_;
  absl::Duration ttl_;
  MonoTime deadline_;
  uint64_t id_ = 0;   // in the journal
  bool due_ = false;  // was over its deadline at the last Tick
  bool resumed_ = false;
  LeaseHolder* holder_ = nullptr;  // nullptr: the stream is lost
  std::vector<Lane> lanes_;
};

// What LaneState shows.
struct LeaseView {
  std::string session_id;  // empty: not held
  std::string principal;
  uint64_t epoch = 0;
  absl::Duration expires_in;  // zero when not held
};

class LeaseTable {
 public:
  // `budget` counts leases of all chips together.
  explicit LeaseTable(Budget* budget) : budget_(*budget) {}
  ~LeaseTable();

  // Grants all lanes to `holder`, or none. LANE_HELD{holder, principal, expires_in_ms}, SESSION_LOST{published, acked},
  // SESSION_UNKNOWN, SESSION_OF_ANOTHER{session_id, owner, principal}, LANE_RESET{generation, published, consumed, acked}, LIMIT_REACHED. The lease stays the table's, and
  // valid until Detach or OnLeaseLost. A holder that waited does so no more.
  absl::StatusOr<Lease*> Attach(const LeaseRequest& request, LeaseHolder* holder, MonoTime now);
  // Whether `session_id` could be granted the lane now: it is free, or its own. For choosing any free lane.
  bool IsFree(const LaneNow& lane, absl::string_view session_id);
  bool IsLast(const LaneKey& key, absl::string_view session_id) const;

  // After a restart, first: the leases that were held when the earlier daemon ended, each without a stream and with its full
  // ttl from now. Lanes of one channel together.
  void Restore(const std::vector<LaneNow>& lanes, MonoTime now);
  // Every lease has its full ttl from now.
  void RenewAll(MonoTime now);

  // Any client frame.
  void Renew(Lease* lease, MonoTime now);
  // The stream is gone, or has ended with an error: the lease runs on for what is left of its ttl.
  void DropHolder(Lease* lease);
  // The lanes are free at once. Their session may come back until another one was granted.
  void Detach(Lease* lease, MonoTime now);

  // Joins the queue of a channel; OnLeaseTurn will tell.
  void Await(LeaseHolder* holder, uint64_t channel_generation);
  void LeaveQueue(LeaseHolder* holder);

  // A lane for one moment of a unary call: LANE_HELD, or its record. The caller writes under the same lock and reports by
  // Published or Acked; Grant it only when there is something to write.
  absl::StatusOr<LaneRecord*> Momentary(const LaneNow& lane, MonoTime now);

  // Takes a lane from whoever holds it, retires the session, and tells a stream LEASE_RELEASED. LEASE_NOT_FOUND.
  absl::StatusOr<RetiredSession> ReleaseByOperator(const LaneNow& lane, MonoTime now);
  // The channel is closed and its streams have been told by their lanes: leases without a stream end, records go.
  void ForgetChannel(uint64_t channel_generation);

  // The one place where leases expire.
  void Tick(MonoTime now);

  LeaseView View(const LaneKey& key, MonoTime now) const;
  size_t size() const { return leases_.size(); }

 private:
  struct Waiter {
    LeaseHolder* holder;
    uint64_t channel_generation;
  };

  LaneRecord& RecordOf(const LaneNow& lane);
  Lease* LeaseOn(const LaneNow& lane);
  absl::Status CheckSession(const LeaseRequest& request) const;
  absl::Status Held(const LaneKey& key, const Lease& lease, MonoTime now) const;
  Lease* Grant(const LeaseRequest& request, LeaseHolder* holder, MonoTime now);
  // Tells its stream, and adds its lanes to `lanes`.
  void Supersede(Lease* lease, std::vector<LaneRecord*>* lanes);
  // Out of the table.
  std::unique_ptr<Lease> Take(Lease* lease);
  // The same, and its lanes are dropped.
  std::unique_ptr<Lease> Remove(Lease* lease);
  // Removes the lease, tells its stream, and gives others their turn.
  void End(Lease* lease, const absl::Status& why);
  void GiveTurns(uint64_t channel_generation);

  Budget& budget_;
  absl::flat_hash_map<LaneKey, std::unique_ptr<LaneRecord>> records_;
  absl::flat_hash_map<LaneKey, Lease*> held_;  // by every lane that a lease covers
  absl::flat_hash_map<Lease*, std::unique_ptr<Lease>> leases_;
  std::list<Waiter> queue_;          // in order of coming
  std::vector<uint64_t> turns_due_;  // channels of which lanes came free by the way: at the next Tick
  MonoTime last_tick_ = kNever;
  uint64_t newest_lease_id_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LEASE_TABLE_H_
