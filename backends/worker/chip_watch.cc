#include "backends/worker/chip_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace l3link {

ChipWatch::Change ChipWatch::Look(const ChipLine& line, const ChipPresence& presence, MonoTime now) {
  Change change;
  change.attached = line.attach_count != line_.attach_count;
  if (change.attached || line.heartbeat != line_.heartbeat) {
    silent_ = false;
    heard_at_ = now;
  }
  const bool ended = presence.life == ChipPresence::Life::kGone && presence_.life == ChipPresence::Life::kAlive;
  // A process that is gone is heard of again only by what its successor writes.
  if (presence.life == ChipPresence::Life::kGone) silent_ = true;
  line_ = line;
  presence_ = presence;
  std::string detail;
  const ChipState state = Judge(now, &detail);
  change.state = state != state_ || (ended && state == ChipState::kAbsent);  // it ended before it ever came
  state_ = state;
  detail_ = std::move(detail);
  return change;
}

ChipState ChipWatch::Judge(MonoTime now, std::string* detail) const {
  *detail = presence_.detail;
  if (line_.attach_count == 0) return ChipState::kAbsent;
  if (silent_) return ChipState::kLost;
  if (line_.state == L3_CHIP_DETACHED) {
    *detail = "the chip program detached";
    return ChipState::kLost;
  }
  if (now - heard_at_ > absl::ToChronoNanoseconds(heartbeat_timeout_)) {
    *detail =
        absl::StrCat("no heartbeat for ", absl::FormatDuration(absl::Trunc(Between(heard_at_, now), absl::Seconds(1))));
    return ChipState::kLost;
  }
  return ChipState::kRunning;
}

absl::Duration ChipWatch::heartbeat_age(MonoTime now) const {
  return line_.attach_count == 0 ? absl::ZeroDuration() : Between(heard_at_, now);
}

}  // namespace l3link
