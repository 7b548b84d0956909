#include "server/memory/journal/notify_journal.h"

#include <algorithm>
#include <cstring>

#include "backends/host/journal/stored_entry.h"

namespace l3link {

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
