#include "backends/host/journal/lane_journal.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>

namespace l3link {
namespace {

constexpr uint64_t kPlaces = kRetiredSessions + 1;

template <size_t N>
std::string TextOf(const char (&field)[N]) {
  return std::string(field, strnlen(field, N));
}

template <size_t N>
void SetText(char (&field)[N], absl::string_view text) {
  std::memset(field, 0, N);
  std::memcpy(field, text.data(), std::min(text.size(), N));
}

uint64_t CrcOf(const RetiredEntry& entry) {
  const uint32_t crc = l3_crc32c(&entry.serial, sizeof(entry.serial));
  return l3_crc32c_extend(crc, entry.session_id, sizeof(entry) - offsetof(RetiredEntry, session_id));
}

// Word by word: the memory is read by the next process only, but as a recorded store each.
void StoreEntry(RetiredEntry* place, const RetiredEntry& entry) {
  uint64_t words[sizeof(RetiredEntry) / sizeof(uint64_t)];
  std::memcpy(words, &entry, sizeof(words));
  auto* to = reinterpret_cast<uint64_t*>(place);
  for (size_t i = 1; i < std::size(words); ++i) l3_store_relaxed_u64(to + i, words[i]);
  l3_store_release_u64(to, words[0]);
}

std::optional<RetiredSession> LoadEntry(const RetiredEntry& place, uint64_t serial) {
  RetiredEntry entry;
  std::memcpy(&entry, &place, sizeof(entry));
  if (entry.serial != serial || entry.crc != CrcOf(entry)) return std::nullopt;
  return RetiredSession{TextOf(entry.session_id), entry.generation, entry.start, entry.position,
                        TextOf(entry.principal)};
}

}  // namespace

LaneJournal::LaneJournal(std::byte* block, uint64_t digests)
    : block_(reinterpret_cast<LaneBlock*>(block)),
      digests_(digests),
      hot_record_(&block_->hot),
      cold_record_(&block_->cold) {}

void LaneJournal::StoreHot() { hot_record_.Store(hot_); }

void LaneJournal::StoreCold() {
  cold_record_.Store(cold_);
  hot_.cold = cold_record_.counter();
}

void LaneJournal::Begin(uint64_t generation, uint64_t offset) {
  if (cold_.session_id[0] != 0) {
    Retire({TextOf(cold_.session_id), cold_.generation, cold_.start, hot_.settled.count, TextOf(cold_.principal)});
  }
  LaneHot fresh;
  fresh.generation = generation;
  fresh.offset = offset;
  fresh.epoch = hot_.epoch;
  fresh.cold = hot_.cold;
  hot_ = fresh;
  StoreHot();
}

bool LaneJournal::Load() {
  if (!hot_record_.Load(&hot_)) return false;
  return hot_.cold == 0 || cold_record_.LoadAt(hot_.cold, &cold_);
}

void LaneJournal::Intend(const LanePosition& intent, uint64_t digest) {
  hot_.reached = intent;
  hot_.digest = digest;
  StoreHot();
}

void LaneJournal::Commit(const LanePosition& committed, uint64_t bytes) {
  hot_.settled = committed;
  hot_.bytes = bytes;
  StoreHot();
}

void LaneJournal::SetDigest(uint64_t sequence, uint64_t digest) {
  l3_store_relaxed_u64(&block_->digests[sequence % digests_], digest);
}

uint64_t LaneJournal::Digest(uint64_t sequence) const {
  return l3_load_relaxed_u64(&block_->digests[sequence % digests_]);
}

void LaneJournal::Deliver(const LanePosition& delivered, uint64_t bytes) {
  hot_.reached = delivered;
  hot_.bytes = bytes;
  StoreHot();
}

void LaneJournal::Ack(const LanePosition& acked, uint64_t bytes) {
  if (acked.count > hot_.reached.count) hot_.bytes = bytes;
  hot_.settled = acked;
  StoreHot();
}

void LaneJournal::SetPoison(int reason) {
  hot_.poison = static_cast<uint64_t>(reason) + 1;
  StoreHot();
}

void LaneJournal::Grant(uint64_t epoch, const LaneHolder& holder) {
  SetText(cold_.session_id, holder.session_id);
  SetText(cold_.principal, holder.principal);
  cold_.generation = holder.generation;
  cold_.start = holder.start;
  cold_.lease_id = holder.lease_id;
  cold_.ttl_ns = holder.ttl_ns;
  StoreCold();
  hot_.epoch = epoch;
  StoreHot();
}

void LaneJournal::Drop() {
  if (cold_.lease_id == 0) return;
  cold_.lease_id = 0;
  StoreCold();
  StoreHot();
}

void LaneJournal::Retire(const RetiredSession& session) {
  if (cold_.session_id[0] != 0) {  // else a reset has retired it already
    RetiredEntry entry = {};
    entry.serial = cold_.retired + 1;
    SetText(entry.session_id, session.session_id);
    SetText(entry.principal, session.principal);
    entry.generation = session.generation;
    entry.start = session.start;
    entry.position = session.position;
    entry.crc = CrcOf(entry);
    StoreEntry(&block_->retired[entry.serial % kPlaces], entry);
    cold_.retired = entry.serial;
  }
  SetText(cold_.session_id, "");
  SetText(cold_.principal, "");
  cold_.lease_id = 0;
  StoreCold();
  StoreHot();
}

LaneHolder LaneJournal::holder() const {
  return {
      TextOf(cold_.session_id), TextOf(cold_.principal), cold_.generation, cold_.start, cold_.lease_id, cold_.ttl_ns};
}

std::vector<RetiredSession> LaneJournal::LoadRetired() const {
  std::vector<RetiredSession> sessions;
  const uint64_t first = cold_.retired > kRetiredSessions ? cold_.retired - kRetiredSessions + 1 : 1;
  for (uint64_t serial = first; serial <= cold_.retired; ++serial) {
    const auto session = LoadEntry(block_->retired[serial % kPlaces], serial);
    if (session.has_value()) sessions.push_back(*session);
  }
  return sessions;
}

}  // namespace l3link
