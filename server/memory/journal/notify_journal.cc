#include "server/memory/journal/notify_journal.h"

#include <algorithm>
#include <cstring>

namespace l3link {
namespace {

void StoreEntry(NotifyEntry* place, const NotifyEntry& entry) {
  uint64_t words[sizeof(NotifyEntry) / sizeof(uint64_t)];
  std::memcpy(words, &entry, sizeof(words));
  auto* to = reinterpret_cast<uint64_t*>(place);
  l3_store_release_u64(to, 0);
  l3_fence_release();  // the zero is stored before any new word
  for (size_t i = 1; i < std::size(words); ++i) l3_store_relaxed_u64(to + i, words[i]);
  l3_store_release_u64(to, words[0]);
}

}  // namespace

void NotifyJournal::Load(const std::function<void(NotifyEntry&)>& visit) {
  for (size_t i = 0; i < count_; ++i) newest_ = std::max(newest_, l3_load_acquire_u64(&entries_[i].serial));
  const uint64_t oldest = newest_ > count_ ? newest_ - count_ + 1 : 1;
  for (uint64_t serial = oldest; serial <= newest_; ++serial) {
    NotifyEntry entry;
    std::memcpy(&entry, &PlaceOf(serial), sizeof(entry));
    if (entry.serial != serial) continue;
    visit(entry);
    StoreEntry(&PlaceOf(serial), entry);
  }
}

void NotifyJournal::Witness::BeforeStore(const Store& store) {
  NotifyEntry entry = {};
  entry.serial = ++journal_.newest_;
  entry.stage = static_cast<uint64_t>(store.certain ? NotifyStage::kAnnounced : NotifyStage::kAnnouncedShared);
  entry.generation = store.generation;
  entry.signal = store.signal;
  entry.op = static_cast<uint64_t>(notify_.op);
  entry.operand = notify_.value;
  entry.value = store.value;
  std::memcpy(entry.request_id, request_id_.data(), std::min(request_id_.size(), sizeof(entry.request_id)));
  entry_ = &journal_.PlaceOf(entry.serial);
  StoreEntry(entry_, entry);
}

void NotifyJournal::Witness::AfterStore(uint64_t value) {
  l3_store_relaxed_u64(&entry_->value, value);
  // Release: the value is there before it is said to be the final one.
  l3_store_release_u64(&entry_->stage, static_cast<uint64_t>(NotifyStage::kStored));
}

}  // namespace l3link
