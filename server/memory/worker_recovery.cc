// WorkerRegions after a restart: notifies that an earlier daemon was in the middle of, and those it remembered by request_id.
#include <cstring>

#include "server/memory/worker_regions.h"

namespace l3link {

bool WorkerRegions::StoreAgain(uint64_t generation, uint64_t signal, uint64_t value) {
  ChipLock lock(*worker_);
  return StoreAgainHeld(worker_->objects(), generation, signal, value);
}

bool WorkerRegions::StoreAgainHeld(ObjectTable& objects, uint64_t generation, uint64_t signal, uint64_t value) const {
  for (const auto& [name, region] : objects.regions()) {
    if (region->generation() != generation || signal >= region->signal_count()) continue;
    if (region->config().signal_writers[signal] != SignalWriter::kHost) return false;
    region->StoreAgain(static_cast<uint32_t>(signal), value);
    return true;
  }
  return false;
}

absl::Status WorkerRegions::Restore(MemoryJournal* journal) {
  ChipLock lock(*worker_);
  memory_journal_ = journal;
  if (!journal->HasNotifies(worker_id())) return absl::OkStatus();
  if (absl::Status kept = KeepNotifiesHeld(); !kept.ok()) return kept;
  notify_journal_->Load([this](NotifyEntry& entry) {
    const bool open = entry.stage == static_cast<uint64_t>(NotifyStage::kAnnounced);
    if (open && StoreAgainHeld(worker_->objects(), entry.generation, entry.signal, entry.value)) {
      entry.stage = static_cast<uint64_t>(NotifyStage::kStored);
    }
    const Notification notification{static_cast<uint32_t>(entry.signal), static_cast<NotifyOp>(entry.op),
                                    entry.operand};
    const absl::string_view id(entry.request_id, strnlen(entry.request_id, sizeof(entry.request_id)));
    notify_memory_.Remember(entry.generation, id,
                            {notification, entry.value, entry.stage != static_cast<uint64_t>(NotifyStage::kStored)});
  });
  return absl::OkStatus();
}

absl::Status WorkerRegions::KeepNotifiesHeld() {
  if (memory_journal_ == nullptr || notify_journal_ != nullptr) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<NotifyJournal>> journal = memory_journal_->Notifies(worker_id());
  if (!journal.ok()) return journal.status();
  notify_journal_ = *std::move(journal);
  return absl::OkStatus();
}

bool WorkerRegions::AnyOpen() {
  ChipLock lock(*worker_);
  return !worker_->objects().regions().empty();
}

}  // namespace l3link
