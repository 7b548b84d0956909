#include "backends/host/signal_waits.h"

#include <limits>

namespace l3link {
namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

// GT t is GE t + 1, and LT t is LE t - 1, but at the ends, where nothing can hold.
bool CanHold(const Condition& condition) {
  if (condition.comparison == Comparison::kGt) return condition.target != kMost;
  if (condition.comparison == Comparison::kLt) return condition.target != 0;
  return true;
}

uint64_t BoundOf(const Condition& condition) {
  if (condition.comparison == Comparison::kGt) return condition.target + 1;
  if (condition.comparison == Comparison::kLt) return condition.target - 1;
  return condition.target;
}

}  // namespace

bool WaitTable::Signal::unwatched() const {
  return rising.empty() && falling.empty() && equal.empty() && unequal.empty() && followers.empty();
}

WaitTable::~WaitTable() = default;

WaitTable::WaitId WaitTable::Add(WaitSpec spec) {
  std::vector<uint32_t> signals;
  for (const Condition& condition : spec.conditions) signals.push_back(condition.signal);
  LookAt(signals);
  for (uint32_t signal : signals) SignalOf(signal);  // loads those nobody watched before

  const WaitId id = next_id_++;
  auto owned = std::make_unique<Entry>(Entry{std::move(spec)});
  Entry& entry = *owned;
  uint32_t first_false = 0;
  const bool holds = HoldsNow(entry, &first_false);
  if (holds || entry.spec.mode == WaitMode::kChange) {
    Fire(entry);
    if (entry.spec.mode == WaitMode::kOnce) {
      for (uint32_t signal : signals) ForgetUnwatched(signal);
      return kGone;
    }
    Follow(id, entry);
  } else {
    Sleep(id, entry, first_false);
  }
  entries_.emplace(id, std::move(owned));
  // Under "all" only one of the signals keeps it; the others may be nobody's now.
  for (uint32_t signal : signals) ForgetUnwatched(signal);
  return id;
}

bool WaitTable::Remove(WaitId id) {
  auto found = entries_.find(id);
  if (found == entries_.end()) return false;
  Disarm(id, *found->second);
  for (const Condition& condition : found->second->spec.conditions) ForgetUnwatched(condition.signal);
  entries_.erase(found);
  return true;
}

void WaitTable::EndAll(const absl::Status& why) {
  for (const auto& [id, entry] : entries_) entry->spec.listener->OnWaitEnded(entry->spec.cookie, why);
  entries_.clear();
  signals_.clear();
}

void WaitTable::Look() {
  std::vector<uint32_t> all;
  all.reserve(signals_.size());
  for (const auto& [signal, state] : signals_) all.push_back(signal);
  RunLook(std::move(all));
}

void WaitTable::LookAt(absl::Span<const uint32_t> signals) {
  std::vector<uint32_t> watched;
  for (uint32_t signal : signals) {
    if (signals_.contains(signal)) watched.push_back(signal);
  }
  if (!watched.empty()) RunLook(std::move(watched));
}

// Loads first, closing over the signals of whatever those loads touch, and only then judges: at one look.
void WaitTable::RunLook(std::vector<uint32_t> to_load) {
  ++look_;
  std::vector<WaitId> candidates;
  for (size_t i = 0; i < to_load.size(); ++i) {  // grows while it runs
    const uint32_t signal = to_load[i];
    Signal& state = *signals_.at(signal);
    if (state.look == look_) continue;
    const size_t before = candidates.size();
    LoadSignal(signal, state, &candidates);
    for (size_t c = before; c < candidates.size(); ++c) {
      for (const Condition& condition : entries_.at(candidates[c])->spec.conditions) {
        if (SignalOf(condition.signal).look != look_) to_load.push_back(condition.signal);
      }
    }
  }
  for (WaitId id : candidates) Consider(id);
  if (candidates.empty()) return;
  for (uint32_t signal : to_load) ForgetUnwatched(signal);
}

void WaitTable::LoadSignal(uint32_t signal, Signal& state, std::vector<WaitId>* touched) {
  state.look = look_;
  const uint64_t value = load_(signal).value_or(state.value);
  if (value == state.value) return;
  state.value = value;
  auto touch = [&](WaitId id) {
    Entry& entry = *entries_.at(id);
    if (entry.considered_at == look_) return;
    entry.considered_at = look_;
    touched->push_back(id);
  };
  for (auto at = state.rising.begin(); at != state.rising.end() && at->first <= value; ++at) touch(at->second);
  for (auto at = state.falling.lower_bound({value, 0}); at != state.falling.end(); ++at) touch(at->second);
  for (auto at = state.equal.lower_bound({value, 0}); at != state.equal.end() && at->first == value; ++at) {
    touch(at->second);
  }
  for (const Trigger& trigger : state.unequal) touch(trigger.second);  // asleep: all named the value that has just gone
  for (WaitId id : state.followers) touch(id);
}

void WaitTable::Consider(WaitId id) {
  auto found = entries_.find(id);
  Entry& entry = *found->second;
  ++considered_;
  uint32_t first_false = 0;
  const bool holds = HoldsNow(entry, &first_false);
  if (entry.spec.mode == WaitMode::kChange) {
    Fire(entry);
  } else if (!holds) {
    Disarm(id, entry);
    Sleep(id, entry, first_false);
  } else {
    Fire(entry);
    if (entry.spec.mode == WaitMode::kOnce) {
      Disarm(id, entry);
      entries_.erase(found);
    } else if (!entry.following) {
      Disarm(id, entry);
      Follow(id, entry);
    }
  }
}

void WaitTable::Fire(const Entry& entry) {
  values_.clear();
  for (const Condition& condition : entry.spec.conditions) values_.push_back(signals_.at(condition.signal)->value);
  entry.spec.listener->OnWaitFired(entry.spec.cookie, values_);
}

bool WaitTable::HoldsNow(const Entry& entry, uint32_t* first_false) const {
  const bool all = entry.spec.combine == Combine::kAll;
  for (uint32_t i = 0; i < entry.spec.conditions.size(); ++i) {
    const Condition& condition = entry.spec.conditions[i];
    if (Holds(condition, signals_.at(condition.signal)->value)) {
      if (!all) return true;
    } else if (all) {
      *first_false = i;
      return false;
    }
  }
  return all;
}

void WaitTable::Follow(WaitId id, Entry& entry) {
  entry.following = true;
  for (const Condition& condition : entry.spec.conditions) SignalOf(condition.signal).followers.insert(id);
}

void WaitTable::Sleep(WaitId id, Entry& entry, uint32_t under) {
  entry.following = false;
  entry.asleep_under = under;
  if (entry.spec.combine == Combine::kAll) return PutTrigger(id, entry.spec.conditions[under]);
  for (const Condition& condition : entry.spec.conditions) PutTrigger(id, condition);
}

void WaitTable::Disarm(WaitId id, const Entry& entry) {
  if (entry.following) {
    for (const Condition& condition : entry.spec.conditions) SignalOf(condition.signal).followers.erase(id);
  } else if (entry.spec.combine == Combine::kAll) {
    DropTrigger(id, entry.spec.conditions[entry.asleep_under]);
  } else {
    for (const Condition& condition : entry.spec.conditions) DropTrigger(id, condition);
  }
}

void WaitTable::PutTrigger(WaitId id, const Condition& condition) {
  if (!CanHold(condition)) return;
  Signal& state = SignalOf(condition.signal);
  const Trigger trigger{BoundOf(condition), id};
  switch (condition.comparison) {
    case Comparison::kGe:
    case Comparison::kGt: state.rising.insert(trigger); break;
    case Comparison::kLe:
    case Comparison::kLt: state.falling.insert(trigger); break;
    case Comparison::kEq: state.equal.insert(trigger); break;
    case Comparison::kNe: state.unequal.insert(trigger); break;
  }
}

void WaitTable::DropTrigger(WaitId id, const Condition& condition) {
  if (!CanHold(condition)) return;
  auto found = signals_.find(condition.signal);
  if (found == signals_.end()) return;
  Signal& state = *found->second;
  const Trigger trigger{BoundOf(condition), id};
  switch (condition.comparison) {
    case Comparison::kGe:
    case Comparison::kGt: state.rising.erase(trigger); break;
    case Comparison::kLe:
    case Comparison::kLt: state.falling.erase(trigger); break;
    case Comparison::kEq: state.equal.erase(trigger); break;
    case Comparison::kNe: state.unequal.erase(trigger); break;
  }
}

WaitTable::Signal& WaitTable::SignalOf(uint32_t signal) {
  std::unique_ptr<Signal>& state = signals_[signal];
  if (state == nullptr) {
    state = std::make_unique<Signal>();
    state->value = load_(signal).value_or(0);
  }
  return *state;
}

void WaitTable::ForgetUnwatched(uint32_t signal) {
  auto found = signals_.find(signal);
  if (found != signals_.end() && found->second->unwatched()) signals_.erase(found);
}

}  // namespace l3link
