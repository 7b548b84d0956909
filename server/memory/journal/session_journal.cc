#include "server/memory/journal/session_journal.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace l3link {

void SessionJournal::Begin(absl::string_view session_id, absl::string_view principal, uint64_t next) {
  uint64_t words[sizeof(place_.principal) / sizeof(uint64_t)] = {};
  std::memcpy(words, principal.data(), std::min(principal.size(), sizeof(words)));
  for (size_t i = 0; i < std::size(words); ++i) l3_store_relaxed_u64(&place_.principal[i], words[i]);
  hot_ = {};
  std::memcpy(hot_.session_id, session_id.data(), std::min(session_id.size(), sizeof(hot_.session_id)));
  hot_.next = next;
  record_.Store(hot_);
}

void SessionJournal::Clear() {
  hot_ = {};
  record_.Store(hot_);
}

std::string SessionJournal::session_id() const {
  return std::string(hot_.session_id, strnlen(hot_.session_id, sizeof(hot_.session_id)));
}

std::string SessionJournal::principal() const {
  const auto* text = reinterpret_cast<const char*>(place_.principal);
  return std::string(text, strnlen(text, sizeof(place_.principal)));
}

void SessionJournal::Append(const KeptResult& result) {
  KeptResult& place = place_.results[result.op_sequence % std::size(place_.results)];
  l3_store_relaxed_u64(&place.what, result.what);
  l3_store_relaxed_u64(&place.value, result.value);
  l3_store_release_u64(&place.op_sequence, result.op_sequence);
  hot_.next = result.op_sequence + 1;
  hot_.stage = static_cast<uint64_t>(NotifyStage::kNone);
  record_.Store(hot_);
}

absl::optional<KeptResult> SessionJournal::Find(uint64_t op_sequence) const {
  const KeptResult& place = place_.results[op_sequence % std::size(place_.results)];
  if (l3_load_acquire_u64(&place.op_sequence) != op_sequence) return absl::nullopt;
  return KeptResult{op_sequence, l3_load_relaxed_u64(&place.what), l3_load_relaxed_u64(&place.value)};
}

void SessionJournal::BeforeStore(const Store& store) {
  hot_.generation = store.generation;
  hot_.signal = store.signal;
  hot_.value = store.value;
  hot_.stage = static_cast<uint64_t>(store.certain ? NotifyStage::kAnnounced : NotifyStage::kAnnouncedShared);
  record_.Store(hot_);
}

void SessionJournal::AfterStore(uint64_t value) {
  hot_.value = value;
  hot_.stage = static_cast<uint64_t>(NotifyStage::kStored);
  record_.Store(hot_);
}

}  // namespace l3link
