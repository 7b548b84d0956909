// The oracle's half about leases and sessions: who holds which lane, and what everybody else must be told.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/simulation/oracle.h"

namespace l3link::simulation {

Oracle::Expected Oracle::ExpectAttach(int session, bool resume, const std::vector<LaneTruth*>& lanes) const {
  // How far a late session got does not depend on who holds its lane now.
  Expected expected = resume ? ExpectResume(session, lanes) : Expected{};
  if (expected.reason.has_value()) return expected;
  for (const LaneTruth* lane : lanes) {
    if (lane->held() && lane->last_session != session) return {Reason::kLANE_HELD, {}};
  }
  return expected;
}

Oracle::Expected Oracle::ExpectResume(int session, const std::vector<LaneTruth*>& lanes) const {
  Expected expected;
  bool reset = false, lost = false, unknown = false;
  for (const LaneTruth* lane : lanes) {
    const auto final = std::find_if(lane->finals.begin(), lane->finals.end(),
                                    [&](const LaneTruth::Final& f) { return f.session == session; });
    const char* key = lane->direction == Direction::kHostToChip ? "published" : "acked";
    if (lane->last_session == session) {
      expected.metadata.emplace_back(key, lane->position);
    } else if (final == lane->finals.end()) {
      unknown = true;
    } else {
      lost = true;
      reset |= final->generation != lane->generation;
      expected.metadata.emplace_back(key, final->position);
    }
  }
  if (reset) {
    expected.reason = Reason::kLANE_RESET;
  } else if (lost) {
    expected.reason = Reason::kSESSION_LOST;
  } else if (unknown) {
    expected.reason = Reason::kSESSION_UNKNOWN;
  }
  return expected;
}

void Oracle::Touch(const std::vector<LaneTruth*>& lanes) {
  for (LaneTruth* lane : lanes) LeaseOver(std::exchange(lane->reset_lease, 0), Over::kReleased);
}

void Oracle::CheckRefusal(const Expected& expected, const absl::Status& status) {
  const absl::optional<Refusal> refusal = RefusalOf(status);
  if (!expected.reason.has_value())
    return world_.Fail(absl::StrCat("attach must be granted, was: ", status.ToString()));
  if (!refusal.has_value() || refusal->row->reason != *expected.reason) {
    return world_.Fail(absl::StrCat("attach must be refused for reason ", static_cast<int>(*expected.reason),
                                    ", was: ", status.ToString()));
  }
  for (const auto& [key, value] : expected.metadata) {
    const auto found = std::find_if(refusal->metadata.begin(), refusal->metadata.end(),
                                    [&key = key](const auto& entry) { return entry.first == key; });
    uint64_t told = 0;
    if (found == refusal->metadata.end() || !absl::SimpleAtoi(found->second, &told) || told != value) {
      return world_.Fail(absl::StrCat(key, " must be ", value, " in: ", status.ToString(), " but is ", told));
    }
  }
}

uint64_t Oracle::Granted(int session, const std::vector<LaneTruth*>& lanes) {
  for (LaneTruth& lane : lanes_) lane.lease_before = 0;
  for (LaneTruth* lane : lanes) lane->lease_before = lane->lease;
  for (LaneTruth* lane : lanes) LeaseOver(lane->lease, Over::kSuperseded);  // the same session's: superseded whole
  ++newest_lease_;
  for (LaneTruth* granted : lanes) {
    LaneTruth& lane = *granted;
    lane.last_before = lane.last_session;
    lane.finals_before = lane.finals;
    lane.may_end_early = false;
    if (lane.last_session != session) {
      Retire(lane);
      std::erase_if(lane.finals, [&](const LaneTruth::Final& final) { return final.session == session; });
    }
    lane.last_session = session;
    lane.lease = newest_lease_;
    ++lane.epoch;
    lane.heard = world_.now;
  }
  return newest_lease_;
}

void Oracle::Retire(LaneTruth& lane) {
  if (lane.last_session == 0) return;
  std::erase_if(lane.finals, [&](const LaneTruth::Final& final) { return final.session == lane.last_session; });
  lane.finals.push_back({lane.last_session, lane.generation, lane.position});
  lane.last_session = 0;
}

void Oracle::Heard(uint64_t lease) {
  for (LaneTruth& lane : lanes_) {
    if (lease != 0 && lane.lease == lease) lane.heard = world_.now;
  }
}

void Oracle::HeardAll() {
  for (LaneTruth& lane : lanes_) {
    lane.heard = world_.now;
    lane.reset_lease = 0;
  }
}

void Oracle::Shift(absl::Duration gap) {
  for (LaneTruth& lane : lanes_) lane.heard = After(lane.heard, gap);
}

void Oracle::LeaseOver(uint64_t lease, Over how) {
  if (lease == 0) return;
  for (LaneTruth& lane : lanes_) {
    if (lane.lease != lease) continue;
    if (how == Over::kExpired && !lane.may_end_early && Between(lane.heard, world_.now) < world_.knobs.ttl) {
      return Wrong(lane, absl::StrCat("the lease of session ", lane.last_session, " ended ",
                                      absl::FormatDuration(Between(lane.heard, world_.now)), " after its last frame"));
    }
    lane.lease = 0;
    // A superseding stream that asks for less gives the rest away; the older stream may not have heard of it.
    const bool given_up = how == Over::kReleased || (how == Over::kSuperseded && lane.lease_before != lease);
    if (given_up && !Excused(lane.last_session)) excused_.push_back(lane.last_session);
  }
}

void Oracle::ReleasedByOperator(LaneTruth& lane) {
  LeaseOver(lane.lease, Over::kReleased);
  Retire(lane);
}

void Oracle::GrantUndone(LaneTruth& lane) {
  lane.lease = lane.lease_before;
  --lane.epoch;
  lane.finals = lane.finals_before;
  if (lane.last_before == lane.last_session) return;
  lane.last_session = lane.last_before;
  Retire(lane);
}

}  // namespace l3link::simulation
