#include "server/memory/watch_board.h"

#include <algorithm>

#include "backends/host/refusal.h"

namespace l3link {

void FillRefusedEvent(uint64_t watch_id, const absl::Status& why, v1::WatchEvent* event) {
  event->set_watch_id(watch_id);
  event->set_code(static_cast<uint32_t>(why.code()));
  event->set_message(std::string(why.message()));
  if (absl::optional<Refusal> refusal = RefusalOf(why)) event->set_reason(std::string(refusal->row->name));
}

bool WatchBoard::Contains(uint64_t watch_id) const {
  absl::MutexLock lock(&mu_);
  return key_of_.contains(watch_id);
}

WatchBoard::Key WatchBoard::Begin(NewWatch watch) {
  absl::MutexLock lock(&mu_);
  const Key key = next_key_++;
  key_of_[watch.watch_id] = key;
  auto owned = std::make_unique<Watch>();
  owned->values.resize(watch.conditions.size());
  owned->spec = std::move(watch);
  watches_.emplace(key, std::move(owned));
  return key;
}

WatchBoard::Parts WatchBoard::Armed(Key key, Parts parts, MonoTime deadline) {
  absl::MutexLock lock(&mu_);
  Watch* watch = Find(key);
  if (watch == nullptr || watch->ended) return parts;
  watch->parts = std::move(parts);
  watch->deadline = deadline;
  if (deadline != kNever) deadlines_.insert({deadline, key});
  return {};
}

void WatchBoard::Abandon(Key key) {
  absl::MutexLock lock(&mu_);
  if (Find(key) != nullptr) Erase(key);
}

WatchBoard::Parts WatchBoard::Drop(uint64_t watch_id) {
  absl::MutexLock lock(&mu_);
  auto found = key_of_.find(watch_id);
  return found == key_of_.end() ? Parts() : Erase(found->second);
}

WatchBoard::Parts WatchBoard::DropAll() {
  absl::MutexLock lock(&mu_);
  Parts all = std::move(unneeded_);
  unneeded_.clear();
  for (const auto& [key, watch] : watches_) all.insert(all.end(), watch->parts.begin(), watch->parts.end());
  watches_.clear();
  key_of_.clear();
  ready_.clear();
  deadlines_.clear();
  return all;
}

void WatchBoard::Fired(Key key, uint32_t region, absl::Span<const uint64_t> values) {
  {
    absl::MutexLock lock(&mu_);
    Watch* watch = Find(key);
    if (watch == nullptr || watch->ended || !Judge(*watch, region, values)) return;
    watch->satisfied = true;
    watch->ended = watch->spec.once;
    watch->expiring = false;
    if (!MakeReady(key, *watch)) return;
  }
  on_ready_(region);
}

// Takes over one region's values; answers whether the whole holds now.
bool WatchBoard::Judge(Watch& watch, uint32_t region, absl::Span<const uint64_t> values) {
  if (watch.spec.region_count == 1) {
    watch.values.assign(values.begin(), values.end());
    return true;
  }
  size_t next = 0;
  bool any = false;
  bool all = true;
  for (size_t i = 0; i < watch.values.size(); ++i) {
    if (watch.spec.regions[i] == region) watch.values[i] = values[next++];
    const bool holds = Holds(watch.spec.conditions[i], watch.values[i]);
    any = any || holds;
    all = all && holds;
  }
  if (std::find(watch.seen.begin(), watch.seen.end(), region) == watch.seen.end()) watch.seen.push_back(region);
  if (watch.seen.size() < watch.spec.region_count) return false;
  return watch.spec.combine == Combine::kAll ? all : any;
}

void WatchBoard::Ended(Key key, uint32_t region, const absl::Status& why) {
  {
    absl::MutexLock lock(&mu_);
    Watch* watch = Find(key);
    if (watch == nullptr || watch->ended) return;
    watch->ended = true;
    watch->satisfied = false;
    watch->why = why;
    if (!MakeReady(key, *watch)) return;
  }
  on_ready_(region);
}

MonoTime WatchBoard::next_deadline() const {
  absl::MutexLock lock(&mu_);
  return deadlines_.empty() ? kNever : deadlines_.begin()->first;
}

std::vector<WatchBoard::Expiring> WatchBoard::TakeExpired(MonoTime now) {
  absl::MutexLock lock(&mu_);
  std::vector<Expiring> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Key key = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Watch& watch = *watches_.at(key);
    watch.deadline = kNever;
    if (watch.ended) continue;
    watch.expiring = true;
    expired.push_back({key, watch.parts, watch.spec.conditions, watch.spec.regions});
  }
  return expired;
}

void WatchBoard::TimedOut(Key key, std::vector<uint64_t> values) {
  absl::MutexLock lock(&mu_);
  Watch* watch = Find(key);
  if (watch == nullptr || !watch->expiring) return;
  if (values.size() == watch->values.size()) watch->values = std::move(values);
  watch->ended = true;
  watch->satisfied = false;
  MakeReady(key, *watch);
}

bool WatchBoard::TakeEvent(v1::MemoryServiceStreamResponse* frame) {
  absl::MutexLock lock(&mu_);
  if (ready_.empty()) return false;
  const Key key = ready_.front();
  Watch& watch = *watches_.at(key);
  v1::WatchEvent& event = *frame->mutable_event();
  event.Clear();
  event.set_watch_id(watch.spec.watch_id);
  event.set_satisfied(watch.satisfied);
  event.mutable_values()->Add(watch.values.begin(), watch.values.end());
  if (!watch.why.ok()) FillRefusedEvent(watch.spec.watch_id, watch.why, &event);
  if (watch.ended) {
    const bool several = watch.spec.region_count > 1;
    Parts parts = Erase(key);
    // A single part of a wait that fired, ended or expired is gone by itself.
    if (several) unneeded_.insert(unneeded_.end(), parts.begin(), parts.end());
  } else {
    ready_.pop_front();
    watch.ready = false;
  }
  return true;
}

WatchBoard::Parts WatchBoard::TakeUnneeded() {
  absl::MutexLock lock(&mu_);
  Parts taken = std::move(unneeded_);
  unneeded_.clear();
  return taken;
}

size_t WatchBoard::size() const {
  absl::MutexLock lock(&mu_);
  return watches_.size();
}

bool WatchBoard::has_events() const {
  absl::MutexLock lock(&mu_);
  return !ready_.empty();
}

WatchBoard::Watch* WatchBoard::Find(Key key) {
  auto found = watches_.find(key);
  return found == watches_.end() ? nullptr : found->second.get();
}

// False: it was ready already, and says the newest when taken.
bool WatchBoard::MakeReady(Key key, Watch& watch) {
  if (watch.ready) return false;
  watch.ready = true;
  watch.place = ready_.insert(ready_.end(), key);
  return true;
}

WatchBoard::Parts WatchBoard::Erase(Key key) {
  auto found = watches_.find(key);
  Watch& watch = *found->second;
  if (watch.ready) ready_.erase(watch.place);
  if (watch.deadline != kNever) deadlines_.erase({watch.deadline, key});
  key_of_.erase(watch.spec.watch_id);
  Parts parts = std::move(watch.parts);
  watches_.erase(found);
  return parts;
}

}  // namespace l3link
