// MemorySession's watches: checks one, arms its part in each region it names, answers a refusal as its event.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/memory/memory_session.h"
#include "server/memory/region_convert.h"
#include "server/memory/watch_board.h"

namespace l3link {

void MemorySession::RunWatch(const v1::Watch& watch, MonoTime now) {
  absl::Status refused;
  MonoTime deadline = kNever;
  if (watch.has_timeout()) {
    absl::StatusOr<absl::Duration> timeout = TimeoutOf(watch.timeout());
    if (timeout.ok()) deadline = After(now, *timeout);
    refused = timeout.status();
  }
  absl::StatusOr<WatchBoard::NewWatch> checked = refused.ok() ? CheckWatch(watch) : refused;
  if (checked.ok()) {
    const WatchBoard::Key key = board_.Begin(*checked);
    WatchBoard::Parts parts;
    refused = Arm(key, *checked, &parts);
    if (refused.ok()) return RemoveParts(board_.Armed(key, std::move(parts), deadline));
    board_.Abandon(key);
    RemoveParts(parts);
  } else {
    refused = checked.status();
  }
  // In the results' queue: it counts against their bound, unlike the events of watches, of which there is one each.
  v1::MemoryServiceStreamResponse frame;
  FillRefusedEvent(watch.watch_id(), refused, frame.mutable_event());
  results_.Put(std::move(frame));
}

absl::StatusOr<WatchBoard::NewWatch> MemorySession::CheckWatch(const v1::Watch& watch) {
  if (board_.Contains(watch.watch_id())) {
    return BadField("watch.watch_id", absl::StrCat(watch.watch_id()), "a watch of this id is still there");
  }
  if (watch.has_timeout() && !watch.once()) {
    return BadField("watch.timeout", "set", "only a watch with once has one");
  }
  if (board_.size() >= limits_.max_watches) {
    return Refuse(Reason::kLIMIT_REACHED, absl::StrCat("watches of one stream: all ", limits_.max_watches, " in use"),
                  {{"limit", "max_watches"}, {"maximum", absl::StrCat(limits_.max_watches)}});
  }
  absl::StatusOr<std::vector<Condition>> conditions = ConditionsOf(watch.conditions(), limits_.max_conditions);
  if (!conditions.ok()) return conditions.status();
  absl::StatusOr<Combine> combine = CombineOf(watch.combine());
  if (!combine.ok()) return combine.status();

  WatchBoard::NewWatch result;
  result.watch_id = watch.watch_id();
  result.conditions = *std::move(conditions);
  result.combine = *combine;
  result.once = watch.once();
  for (const v1::Condition& condition : watch.conditions()) {
    absl::StatusOr<RegionPort*> region = RegionOf(condition.region_index(), "conditions.region_index");
    if (!region.ok()) return region.status();
    result.regions.push_back(condition.region_index());
  }
  std::vector<uint32_t> distinct = result.regions;
  std::sort(distinct.begin(), distinct.end());
  result.region_count = std::unique(distinct.begin(), distinct.end()) - distinct.begin();
  return result;
}

// Over several regions each part reports every change, and the board judges the whole.
absl::Status MemorySession::Arm(WatchBoard::Key key, const WatchBoard::NewWatch& watch, WatchBoard::Parts* parts) {
  std::vector<uint32_t> distinct = watch.regions;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (uint32_t region : distinct) {
    WaitSpec spec;
    for (size_t i = 0; i < watch.conditions.size(); ++i) {
      if (watch.regions[i] == region) spec.conditions.push_back(watch.conditions[i]);
    }
    spec.combine = watch.combine;
    spec.mode = distinct.size() > 1 ? WaitMode::kChange : watch.once ? WaitMode::kOnce : WaitMode::kWatch;
    spec.listener = ears_[region].get();
    spec.cookie = key;
    absl::StatusOr<WaitTable::WaitId> wait = regions_[region]->AddWait(std::move(spec));
    if (!wait.ok()) return wait.status();
    if (*wait != WaitTable::kGone) parts->push_back({region, *wait});
  }
  return absl::OkStatus();
}

}  // namespace l3link
