#include "tests/history/lane_checker.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"

namespace l3link::history {
namespace {

// How far from its place a message is looked for. Beyond that the sender's own number is the only hint.
constexpr uint64_t kSearch = 64;

}  // namespace

void LaneChecker::Observe(const Event& event) {
  if (IsFenced(event)) return Found(&findings_.after_fencing, event, "an effect after fencing");
  switch (event.kind) {
    case EventKind::kAttached: return Attach(event);
    case EventKind::kPublished: published_ = std::max(published_, event.position); return;
    case EventKind::kSeenAtChip: return Witness(chip_, event);
    case EventKind::kReceived:
      return event.redelivered != 0 && event.position < client_.next_position ? WitnessAgain(event)
                                                                              : Witness(client_, event);
    case EventKind::kAcked: acked_ = std::max(acked_, event.position); return;
    case EventKind::kFenced: fenced_ = std::max(fenced_, event.epoch); return;
    case EventKind::kFinalPublished: return Final(event, published_, "published");
    case EventKind::kFinalConsumed:
      return Final(event, chip_.used ? chip_.order.next() : published_, "taken by the chip");
    case EventKind::kFinalReturned: return Final(event, client_.order.next(), "returned");
    case EventKind::kFinalAcked: return Final(event, acked_, "acked");
  }
}

const Findings& LaneChecker::Finish(bool broken_off) {
  if (finished_) return findings_;
  finished_ = true;
  for (const End* end : {&chip_, &client_}) {
    if (end == &chip_ && !chip_.used) continue;
    const uint64_t missing = end->order.Missing(broken_off ? std::min(published_, end->order.next()) : published_);
    if (missing == 0) continue;
    findings_.lost += missing;
    findings_.Note(absl::StrCat("lane ", lane_, ": ", missing, " acknowledged messages never came to the ", end->name));
  }
  return findings_;
}

void LaneChecker::Attach(const Event& event) {
  ++attaches_;
  epoch_ = event.epoch;
  if (tenures_.empty() || tenures_.back().session != event.session)
    tenures_.push_back({tenures_.empty() ? 0 : event.position, event.session});
}

// Attaching needs a new epoch; everything else one that still holds. The chip and the node at rest have none.
bool LaneChecker::IsFenced(const Event& event) const {
  switch (event.kind) {
    case EventKind::kAttached: return attaches_ > 0 && (event.epoch <= epoch_ || event.epoch <= fenced_);
    case EventKind::kPublished:
    case EventKind::kReceived:
    case EventKind::kAcked: return event.epoch < epoch_ || (fenced_ > 0 && event.epoch <= fenced_);
    default: return false;
  }
}

void LaneChecker::Witness(End& end, const Event& event) {
  end.used = true;
  end.next_position = std::max(end.next_position, event.position + 1);
  const std::optional<uint64_t> number = Recognize(end, event);
  if (!number) {
    const bool earlier = IsOfEarlierSession(event);
    Found(earlier ? &findings_.after_fencing : &findings_.wrong, event,
          earlier ? "a message of a fenced session" : "bytes that nobody sent");
    // Its place counts as taken: one wrong message is not a lost one as well.
    end.order.See(static_cast<uint64_t>(static_cast<int64_t>(event.position) + end.shift));
    return;
  }
  end.shift = static_cast<int64_t>(*number - event.position);
  switch (end.order.See(*number)) {
    case WitnessedOrder::Outcome::kNext:
    case WitnessedOrder::Outcome::kSkipped:  // lost, unless it comes late
      return;
    case WitnessedOrder::Outcome::kLate:
      return Found(&findings_.reordered, event, absl::StrCat("message ", *number, " came late to the ", end.name));
    case WitnessedOrder::Outcome::kAgain:
      return Found(&findings_.duplicated, event, absl::StrCat("message ", *number, " came again to the ", end.name));
  }
}

// What was delivered and not acknowledged may come again after a death, marked, at its old position.
void LaneChecker::WitnessAgain(const Event& event) {
  ++redelivered_;
  if (event.position < acked_) return Found(&findings_.duplicated, event, "came again although it was acknowledged");
  const uint64_t number = static_cast<uint64_t>(static_cast<int64_t>(event.position) + client_.shift);
  if (!Is(event, event.position) && !Is(event, number))
    Found(&findings_.wrong, event, "other bytes at a position seen");
}

void LaneChecker::Final(const Event& event, uint64_t expected, const char* what) {
  if (event.position != expected)
    Found(&findings_.wrong_final, event, absl::StrCat("the final position ", what, " should be ", expected));
}

Identity LaneChecker::IdentityAt(uint64_t position) const {
  uint64_t session = 0;
  for (const Tenure& tenure : tenures_)
    if (tenure.first <= position) session = tenure.session;
  return {seed_, lane_, generation_, session, position};
}

bool LaneChecker::Is(const Event& event, uint64_t number) const {
  return FingerprintOf(IdentityAt(number)) == event.content;
}

std::optional<uint64_t> LaneChecker::Recognize(const End& end, const Event& event) const {
  const uint64_t here = static_cast<uint64_t>(static_cast<int64_t>(event.position) + end.shift);
  for (const uint64_t likely : {here, event.position, event.correlation})
    if (Is(event, likely)) return likely;
  for (uint64_t away = 1; away <= kSearch; ++away) {
    if (Is(event, here + away)) return here + away;
    if (here >= away && Is(event, here - away)) return here - away;
  }
  return std::nullopt;
}

bool LaneChecker::IsOfEarlierSession(const Event& event) const {
  Identity identity = IdentityAt(event.position);
  const uint64_t now = identity.session;
  for (const Tenure& tenure : tenures_) {
    identity.session = tenure.session;
    if (tenure.session != now && FingerprintOf(identity) == event.content) return true;
  }
  return false;
}

void LaneChecker::Found(uint64_t* count, const Event& event, absl::string_view what) {
  ++*count;
  findings_.Note(absl::StrCat("lane ", lane_, ", position ", event.position, ", epoch ", event.epoch, ": ", what));
}

}  // namespace l3link::history
