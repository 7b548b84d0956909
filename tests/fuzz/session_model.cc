#include "tests/fuzz/session_model.h"

#include <algorithm>

namespace l3link::fuzz {
namespace {

constexpr size_t kFinalsKept = 64;  // across the node's death

std::string PositionName(int lane) { return lane == kToChip ? "published" : "acked"; }

}  // namespace

const SessionModel::Lease* SessionModel::LeaseOn(int lane) const {
  for (const Lease& lease : leases_) {
    if (std::count(lease.lanes.begin(), lease.lanes.end(), lane) > 0) return &lease;
  }
  return nullptr;
}

const SessionModel::Lease* SessionModel::LeaseOf(int stream) const {
  for (const Lease& lease : leases_) {
    if (lease.stream == stream) return &lease;
  }
  return nullptr;
}

std::string SessionModel::holder(int lane) const {
  const Lease* lease = LeaseOn(lane);
  return lease == nullptr ? "" : lease->session;
}

void SessionModel::Remove(const Lease* lease, std::vector<int>* ended) {
  if (lease->stream >= 0) ended->push_back(lease->stream);
  leases_.erase(leases_.begin() + (lease - leases_.data()));
}

void SessionModel::Retire(Lane& lane) {
  if (!lane.last.empty()) lane.finals.emplace_back(lane.last, lane.position);
  lane.last.clear();
}

const uint64_t* SessionModel::FinalOf(const Lane& lane, const std::string& session) {
  for (auto entry = lane.finals.rbegin(); entry != lane.finals.rend(); ++entry) {
    if (entry->first == session) return &entry->second;
  }
  return nullptr;
}

Answer SessionModel::CheckResume(const std::string& session, const std::vector<int>& lanes) const {
  Answer answer;
  bool lost = false, unknown = false;
  for (int index : lanes) {
    const Lane& lane = lanes_[index];
    const uint64_t* final = FinalOf(lane, session);
    if (lane.last == session) {
      answer.metadata[PositionName(index)] = std::to_string(lane.position);
    } else if (final != nullptr) {
      lost = true;
      answer.metadata[PositionName(index)] = std::to_string(*final);
    } else {
      unknown = true;
    }
  }
  answer.reason = lost ? "SESSION_LOST" : unknown ? "SESSION_UNKNOWN" : "";
  return answer;
}

Answer SessionModel::Attach(const std::string& session, bool resume, int64_t ttl, const std::vector<int>& lanes,
                            int stream) {
  if (resume) {
    Answer answer = CheckResume(session, lanes);
    if (!answer.reason.empty()) return answer;
  }
  for (int lane : lanes) {
    const Lease* lease = LeaseOn(lane);
    if (lease != nullptr && lease->session != session) return {"LANE_HELD", {{"holder", lease->session}}};
  }
  Answer answer;
  const bool own = std::any_of(lanes.begin(), lanes.end(), [&](int lane) { return LeaseOn(lane) != nullptr; });
  if (!own && leases_.size() == most_leases_) return {"LIMIT_REACHED", {}};
  for (int lane : lanes) {
    if (const Lease* lease = LeaseOn(lane); lease != nullptr) Remove(lease, &answer.ended);
  }
  for (int index : lanes) {
    Lane& lane = lanes_[index];
    if (lane.last == session) {
      answer.resumed = true;
    } else {
      Retire(lane);
      lane.last = session;
    }
    answer.epochs.push_back(++lane.epoch);
  }
  leases_.push_back({session, ttl, now_ + ttl, false, stream, lanes});
  return answer;
}

void SessionModel::Renew(int stream) {
  Lease* lease = LeaseOf(stream);
  if (lease == nullptr) return;
  lease->deadline = now_ + lease->ttl;
  lease->due = false;
}

void SessionModel::Drop(int stream) {
  if (Lease* lease = LeaseOf(stream); lease != nullptr) lease->stream = -1;
}

void SessionModel::Detach(int stream) {
  std::vector<int> ended;
  if (const Lease* lease = LeaseOf(stream); lease != nullptr) Remove(lease, &ended);
}

std::vector<int> SessionModel::Tick(int64_t now) {
  const int64_t gap = last_tick_ < 0 ? 0 : now - last_tick_;
  last_tick_ = now_ = now;
  std::vector<int> ended;
  std::vector<Lease> left;
  for (Lease& lease : leases_) {
    if (gap > std::max<int64_t>(1000, lease.ttl / 10)) lease.deadline += gap;
    const bool over = now >= lease.deadline;
    if (over && lease.due) {
      if (lease.stream >= 0) ended.push_back(lease.stream);
      continue;
    }
    lease.due = lease.due || over;
    left.push_back(lease);
  }
  leases_ = std::move(left);
  return ended;
}

Answer SessionModel::Momentary(int lane) {
  if (const Lease* lease = LeaseOn(lane); lease != nullptr) return {"LANE_HELD", {{"holder", lease->session}}};
  Retire(lanes_[lane]);
  ++lanes_[lane].epoch;
  return {};
}

Answer SessionModel::ReleaseByOperator(int lane) {
  const Lease* lease = LeaseOn(lane);
  if (lease == nullptr) return {"LEASE_NOT_FOUND", {}};
  Answer answer;
  answer.metadata["session_id"] = lease->session;
  answer.metadata["position"] = std::to_string(lanes_[lane].position);
  Retire(lanes_[lane]);
  Remove(lease, &answer.ended);
  return answer;
}

void SessionModel::Restart() {
  last_tick_ = -1;
  for (Lease& lease : leases_) {
    lease.stream = -1;
    lease.deadline = now_ + lease.ttl;
    lease.due = false;
  }
  for (Lane& lane : lanes_) {
    if (lane.finals.size() > kFinalsKept) lane.finals.erase(lane.finals.begin(), lane.finals.end() - kFinalsKept);
  }
}

}  // namespace l3link::fuzz
