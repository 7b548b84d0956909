#include "server/channel/lane_record.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace l3link {

std::string LaneLabel(const LaneKey& key) {
  return absl::StrCat(key.direction == Direction::kHostToChip ? "host_to_chip" : "chip_to_host", " lane ", key.lane);
}

void LaneRecord::Enter(uint64_t generation, uint64_t position) {
  if (generation == generation_) return;
  Retire();
  generation_ = generation;
  position_ = position;
  start_ = position;
}

uint64_t LaneRecord::Grant(absl::string_view session_id) {
  if (session_id.empty() || session_id != last_session_) {
    Retire();
    Forget(session_id);
    last_session_ = std::string(session_id);
    start_ = position_;
  }
  return ++epoch_;
}

void LaneRecord::Retire() {
  if (last_session_.empty()) return;
  Forget(last_session_);
  retired_.push_back({std::move(last_session_), generation_, start_, position_});
  last_session_.clear();
  if (retired_.size() > kRetiredSessions) retired_.pop_front();
}

const RetiredSession* LaneRecord::FindRetired(absl::string_view session_id) const {
  for (const RetiredSession& retired : retired_) {
    if (retired.session_id == session_id) return &retired;
  }
  return nullptr;
}

void LaneRecord::Forget(absl::string_view session_id) {
  auto is_it = [&](const RetiredSession& retired) { return retired.session_id == session_id; };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), is_it), retired_.end());
}

}  // namespace l3link
