#include "server/channel/lease_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

// How far a session got on a lane, as metadata.
void AddPosition(const LaneNow& lane, uint64_t position, Metadata* metadata) {
  const bool to_chip = lane.key.direction == Direction::kHostToChip;
  metadata->emplace_back(to_chip ? "published" : "acked", absl::StrCat(position));
  if (to_chip) metadata->emplace_back("consumed", absl::StrCat(std::min(lane.consumed, position)));
}

}  // namespace

LeaseTable::~LeaseTable() { budget_.Give(leases_.size()); }

LaneRecord& LeaseTable::RecordOf(const LaneNow& lane) {
  std::unique_ptr<LaneRecord>& record = records_[lane.key];
  if (record == nullptr) record = std::make_unique<LaneRecord>(lane.key, lane.journal);
  record->Enter(lane.generation, lane.position);
  return *record;
}

// A lease on the lane as it is now; one from before the lane's reset has ended without notice.
Lease* LeaseTable::LeaseOn(const LaneNow& lane) {
  auto held = held_.find(lane.key);
  if (held == held_.end()) return nullptr;
  Lease* lease = held->second;
  const LaneRecord& record = *records_.at(lane.key);
  if (record.generation() == lane.generation || lease->holder_ != nullptr) return lease;
  Remove(lease);
  budget_.Give(1);
  turns_due_.push_back(lane.key.channel_generation);
  return nullptr;
}

absl::Status LeaseTable::Held(const LaneKey& key, const Lease& lease, MonoTime now) const {
  const int64_t expires_in_ms =
      std::max<int64_t>(0, absl::ToInt64Milliseconds(absl::Ceil(Between(now, lease.deadline_), absl::Milliseconds(1))));
  return Refuse(Reason::kLANE_HELD,
                absl::StrCat(LaneLabel(key), " is held by session ", lease.session_id_, " of ", lease.principal_,
                             " for another ", expires_in_ms, " ms"),
                {{"holder", lease.session_id_},
                 {"principal", lease.principal_},
                 {"expires_in_ms", absl::StrCat(expires_in_ms)},
                 {"lane", absl::StrCat(key.lane)}});
}

// Whether a session that says it was here before may go on. Looks at every lane, so that the answer has all positions.
absl::Status LeaseTable::CheckSession(const LeaseRequest& request) const {
  if (!request.resume) return absl::OkStatus();
  bool lost = false;
  bool reset = false;
  bool unknown = false;
  Metadata metadata = {{"session_id", request.session_id}};
  for (const LaneNow& lane : request.lanes) {
    const LaneRecord& record = *records_.at(lane.key);
    const RetiredSession* retired = record.FindRetired(request.session_id);
    if (record.IsLast(request.session_id)) {
      AddPosition(lane, record.position(), &metadata);
    } else if (retired == nullptr) {
      unknown = true;
    } else {
      if (retired->generation != lane.generation) {
        reset = true;
        metadata.emplace_back("generation", absl::StrCat(lane.generation));
      }
      lost = true;
      AddPosition(lane, retired->position, &metadata);
    }
  }
  const std::string who = absl::StrCat("session ", request.session_id, ": ");
  if (reset) return Refuse(Reason::kLANE_RESET, absl::StrCat(who, "a lane was reset since"), std::move(metadata));
  if (lost) {
    return Refuse(Reason::kSESSION_LOST, absl::StrCat(who, "another session held a lane since"), std::move(metadata));
  }
  if (unknown)
    return Refuse(Reason::kSESSION_UNKNOWN, absl::StrCat(who, "not known on these lanes"), std::move(metadata));
  return absl::OkStatus();
}

absl::StatusOr<Lease*> LeaseTable::Attach(const LeaseRequest& request, LeaseHolder* holder, MonoTime now) {
  Lease* own[2] = {nullptr, nullptr};
  size_t own_count = 0;
  // First those from before a reset, which may end a lease on the other lane as well.
  for (const LaneNow& lane : request.lanes) {
    LeaseOn(lane);
    absl::Status owner = RecordOf(lane).CheckOwner(request.session_id, request.principal);
    if (!owner.ok()) return owner;
  }
  // Before whether they are held: who holds them now does not change how far a late session got.
  if (absl::Status status = CheckSession(request); !status.ok()) return status;
  for (const LaneNow& lane : request.lanes) {
    Lease* lease = LeaseOn(lane);
    if (lease == nullptr) continue;
    if (lease->session_id_ != request.session_id) return Held(lane.key, *lease, now);
    if (own_count == 0 || own[0] != lease) own[own_count++] = lease;
  }
  if (own_count == 0) {
    if (absl::Status status = budget_.Take(1); !status.ok()) return status;
  }
  std::vector<LaneRecord*> left;
  for (size_t i = 0; i < own_count; ++i) Supersede(own[i], &left);
  if (own_count > 1) budget_.Give(own_count - 1);
  Lease* granted = Grant(request, holder, now);
  // Only now, and not those that were granted again: a node that dies in between must find its client's lease.
  for (LaneRecord* record : left) {
    if (!held_.contains(record->key())) record->Drop();
  }
  LeaveQueue(holder);  // should the caller give the lease back, it is not its own turn
  // A superseded lease may have held more. Not now: whose turn it is may take this lease away before the caller has it.
  if (own_count > 0) turns_due_.push_back(request.lanes[0].key.channel_generation);
  return granted;
}

// Its place in the budget is the newer lease's; its lanes are the caller's to drop.
void LeaseTable::Supersede(Lease* lease, std::vector<LaneRecord*>* lanes) {
  std::unique_ptr<Lease> owned = Take(lease);
  for (const Lease::Lane& lane : owned->lanes_) lanes->push_back(lane.record);
  if (owned->holder_ == nullptr) return;
  owned->holder_->OnLeaseLost(Refuse(Reason::kSESSION_SUPERSEDED,
                                     absl::StrCat("session ", owned->session_id_, " attached again on a newer stream"),
                                     {{"session_id", owned->session_id_}}));
}

Lease* LeaseTable::Grant(const LeaseRequest& request, LeaseHolder* holder, MonoTime now) {
  auto lease = std::make_unique<Lease>();
  lease->session_id_ = request.session_id;
  lease->principal_ = request.principal;
  lease->ttl_ = request.ttl;
  lease->deadline_ = After(now, request.ttl);
  lease->holder_ = holder;
  lease->id_ = ++newest_lease_id_;
  for (const LaneNow& lane : request.lanes) {
    LaneRecord& record = *records_.at(lane.key);
    if (record.IsLast(request.session_id)) lease->resumed_ = true;
    lease->lanes_.push_back({&record, record.Grant(request.session_id, {lease->id_, request.ttl, request.principal})});
    held_[lane.key] = lease.get();
  }
  Lease* granted = lease.get();
  leases_.emplace(granted, std::move(lease));
  return granted;
}

bool LeaseTable::IsFree(const LaneNow& lane, absl::string_view session_id) {
  const Lease* lease = LeaseOn(lane);
  return lease == nullptr || lease->session_id_ == session_id;
}

bool LeaseTable::IsLast(const LaneKey& key, absl::string_view session_id) const {
  auto record = records_.find(key);
  return record != records_.end() && record->second->IsLast(session_id);
}

void LeaseTable::Renew(Lease* lease, MonoTime now) {
  lease->deadline_ = After(now, lease->ttl_);
  lease->due_ = false;
}

void LeaseTable::DropHolder(Lease* lease) { lease->holder_ = nullptr; }

void LeaseTable::Detach(Lease* lease, MonoTime) {
  lease->holder_ = nullptr;
  End(lease, absl::OkStatus());
}

std::unique_ptr<Lease> LeaseTable::Take(Lease* lease) {
  auto found = leases_.find(lease);
  std::unique_ptr<Lease> owned = std::move(found->second);
  leases_.erase(found);
  for (const Lease::Lane& lane : owned->lanes_) held_.erase(lane.record->key());
  return owned;
}

std::unique_ptr<Lease> LeaseTable::Remove(Lease* lease) {
  std::unique_ptr<Lease> owned = Take(lease);
  for (const Lease::Lane& lane : owned->lanes_) lane.record->Drop();
  return owned;
}

void LeaseTable::End(Lease* lease, const absl::Status& why) {
  std::unique_ptr<Lease> owned = Remove(lease);
  budget_.Give(1);
  const uint64_t channel = owned->lanes_[0].record->key().channel_generation;
  if (owned->holder_ != nullptr) owned->holder_->OnLeaseLost(why);
  GiveTurns(channel);
}

void LeaseTable::Await(LeaseHolder* holder, uint64_t channel_generation) {
  queue_.push_back({holder, channel_generation});
}

void LeaseTable::LeaveQueue(LeaseHolder* holder) {
  queue_.remove_if([holder](const Waiter& waiter) { return waiter.holder == holder; });
}

// In order of coming; each tries for itself, and those who get their lanes leave the queue meanwhile.
void LeaseTable::GiveTurns(uint64_t channel_generation) {
  std::vector<LeaseHolder*> waiting;
  for (const Waiter& waiter : queue_) {
    if (waiter.channel_generation == channel_generation) waiting.push_back(waiter.holder);
  }
  for (LeaseHolder* holder : waiting) {
    const bool still_there =
        std::any_of(queue_.begin(), queue_.end(), [holder](const Waiter& waiter) { return waiter.holder == holder; });
    if (still_there) holder->OnLeaseTurn();
  }
}

absl::StatusOr<LaneRecord*> LeaseTable::Momentary(const LaneNow& lane, MonoTime now) {
  if (const Lease* lease = LeaseOn(lane); lease != nullptr) return Held(lane.key, *lease, now);
  return &RecordOf(lane);
}

absl::StatusOr<RetiredSession> LeaseTable::ReleaseByOperator(const LaneNow& lane, MonoTime) {
  Lease* lease = LeaseOn(lane);
  if (lease == nullptr) {
    return Refuse(Reason::kLEASE_NOT_FOUND, absl::StrCat(LaneLabel(lane.key), " is held by nobody"),
                  {{"lane", absl::StrCat(lane.key.lane)}});
  }
  LaneRecord& record = RecordOf(lane);
  RetiredSession final{lease->session_id_, record.generation(), record.start(), record.position(), lease->principal_};
  record.Retire();
  Metadata metadata = {{"session_id", final.session_id}};
  AddPosition(lane, final.position, &metadata);
  End(lease, Refuse(Reason::kLEASE_RELEASED,
                    absl::StrCat(LaneLabel(lane.key), " was released by an operator at position ", final.position),
                    std::move(metadata)));
  return final;
}

void LeaseTable::ForgetChannel(uint64_t channel_generation) {
  std::vector<Lease*> ended;
  for (const auto& [lease, owned] : leases_) {
    const bool its = lease->lanes_[0].record->key().channel_generation == channel_generation;
    if (its && lease->holder_ == nullptr) ended.push_back(lease);
  }
  for (Lease* lease : ended) Remove(lease);
  budget_.Give(ended.size());
  absl::erase_if(records_, [&](const auto& entry) {
    return entry.first.channel_generation == channel_generation && !held_.contains(entry.first);
  });
}

void LeaseTable::Tick(MonoTime now) {
  const absl::Duration gap = last_tick_ == kNever ? absl::ZeroDuration() : Between(last_tick_, now);
  last_tick_ = now;
  std::vector<Lease*> expired;
  for (const auto& [lease, owned] : leases_) {
    if (gap > std::max(absl::Seconds(1), lease->ttl_ / 10)) lease->deadline_ = After(lease->deadline_, gap);
    if (now < lease->deadline_) continue;
    if (lease->due_) expired.push_back(lease);
    lease->due_ = true;
  }
  // In order of their grants: what follows is then the same every time.
  std::sort(expired.begin(), expired.end(), [](const Lease* a, const Lease* b) { return a->id_ < b->id_; });
  for (Lease* lease : expired) {
    // One before it may have taken it along, and a new one, not due, may lie in its place.
    if (!leases_.contains(lease) || !lease->due_) continue;
    End(lease,
        Refuse(Reason::kLEASE_EXPIRED,
               absl::StrCat("no frame came for the lease's ttl of ", absl::FormatDuration(lease->ttl_)),
               {{"session_id", lease->session_id_}, {"ttl_ms", absl::StrCat(absl::ToInt64Milliseconds(lease->ttl_))}}));
  }
  for (uint64_t channel : std::exchange(turns_due_, {})) GiveTurns(channel);
}

LeaseView LeaseTable::View(const LaneKey& key, MonoTime now) const {
  LeaseView view;
  if (auto record = records_.find(key); record != records_.end()) view.epoch = record->second->epoch();
  if (auto held = held_.find(key); held != held_.end()) {
    view.session_id = held->second->session_id_;
    view.principal = held->second->principal_;
    view.expires_in = std::max(absl::ZeroDuration(), Between(now, held->second->deadline_));
  }
  return view;
}

}  // namespace l3link
