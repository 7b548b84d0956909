// LeaseTable after a restart: leases that an earlier daemon left in the journals of their lanes.
#include <algorithm>
#include <utility>

#include "server/channel/lease_table.h"

namespace l3link {

void LeaseTable::Restore(const std::vector<LaneNow>& lanes, MonoTime now) {
  absl::flat_hash_map<uint64_t, Lease*> restored;
  for (const LaneNow& lane : lanes) {
    const LaneHolder holder = lane.journal->holder();
    newest_lease_id_ = std::max(newest_lease_id_, holder.lease_id);
    if (holder.lease_id == 0) continue;
    Lease*& lease = restored[holder.lease_id];
    if (lease == nullptr) {
      if (!budget_.Take(1).ok()) continue;  // the node has a smaller limit now
      auto owned = std::make_unique<Lease>();
      lease = owned.get();
      lease->id_ = holder.lease_id;
      lease->session_id_ = holder.session_id;
      lease->principal_ = holder.principal;
      lease->ttl_ = absl::Nanoseconds(holder.ttl_ns);
      lease->deadline_ = After(now, lease->ttl_);
      leases_.emplace(lease, std::move(owned));
    }
    LaneRecord& record = RecordOf(lane);
    lease->lanes_.push_back({&record, record.epoch()});
    held_[lane.key] = lease;
  }
}

void LeaseTable::RenewAll(MonoTime now) {
  for (auto& [lease, owned] : leases_) Renew(lease, now);
}

}  // namespace l3link
