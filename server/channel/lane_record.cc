#include "server/channel/lane_record.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/session_owner.h"

namespace l3link {

std::string LaneLabel(const LaneKey& key) {
  return absl::StrCat(key.direction == Direction::kHostToChip ? "host_to_chip" : "chip_to_host", " lane ", key.lane);
}

LaneRecord::LaneRecord(const LaneKey& key, LaneJournal* journal) : key_(key), journal_(journal) {
  if (journal == nullptr) return;
  generation_ = journal->hot().generation;
  epoch_ = journal->hot().epoch;
  position_ = journal->hot().settled.count;
  last_session_ = journal->holder().session_id;
  last_principal_ = journal->holder().principal;
  start_ = last_session_.empty() ? position_ : journal->holder().start;
  for (RetiredSession& session : journal->LoadRetired()) {
    Forget(session.session_id);  // one that was here twice: only its last final position counts
    retired_.push_back(std::move(session));
  }
  if (!last_session_.empty()) Forget(last_session_);
}

void LaneRecord::Enter(uint64_t generation, uint64_t position) {
  if (generation == generation_) return;
  Retire();
  generation_ = generation;
  position_ = position;
  start_ = position;
}

uint64_t LaneRecord::Grant(absl::string_view session_id, const GrantTerms& terms) {
  if (session_id.empty() || session_id != last_session_) {
    Retire();
    Forget(session_id);
    last_session_ = std::string(session_id);
    last_principal_ = terms.principal;
    start_ = position_;
  }
  ++epoch_;
  if (journal_ != nullptr) {
    journal_->Grant(epoch_, {last_session_, last_principal_, generation_, start_, terms.lease_id,
                             static_cast<uint64_t>(absl::ToInt64Nanoseconds(terms.ttl))});
  }
  return epoch_;
}

void LaneRecord::Drop() {
  if (journal_ != nullptr) journal_->Drop();
}

void LaneRecord::Retire() {
  if (last_session_.empty()) return;
  Forget(last_session_);
  retired_.push_back({std::move(last_session_), generation_, start_, position_, std::move(last_principal_)});
  last_session_.clear();
  last_principal_.clear();
  if (journal_ != nullptr) journal_->Retire(retired_.back());
  if (retired_.size() > kRetiredSessions) retired_.erase(retired_.begin());
}

const RetiredSession* LaneRecord::FindRetired(absl::string_view session_id) const {
  for (const RetiredSession& retired : retired_) {
    if (retired.session_id == session_id) return &retired;
  }
  return nullptr;
}

absl::Status LaneRecord::CheckOwner(absl::string_view session_id, absl::string_view principal) const {
  if (IsLast(session_id)) return l3link::CheckOwner(session_id, last_principal_, principal);
  const RetiredSession* retired = FindRetired(session_id);
  return retired == nullptr ? absl::OkStatus() : l3link::CheckOwner(session_id, retired->principal, principal);
}

void LaneRecord::Forget(absl::string_view session_id) {
  auto is_it = [&](const RetiredSession& retired) { return retired.session_id == session_id; };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), is_it), retired_.end());
}

}  // namespace l3link
