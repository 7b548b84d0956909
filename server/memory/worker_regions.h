// The regions of one chip worker as MemoryService uses them: open, find, close, notify, wait.
//
// Takes the chip worker's lock itself, for moments; any thread. It is the listener of every region that somebody waits on: a
// look at the signals when the chip rang or the host notified, the end of all waits when the region is closed or broken.
// Destroyed after every user of it, before the chip worker.
#ifndef L3LINK_SERVER_MEMORY_WORKER_REGIONS_H_
#define L3LINK_SERVER_MEMORY_WORKER_REGIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "backends/host/object_table.h"
#include "backends/host/signal_waits.h"
#include "backends/worker/chip_worker.h"
#include "l3link/v1/memory.pb.h"
#include "server/budget.h"
#include "server/memory/journal/memory_journal.h"
#include "server/memory/notify_memory.h"

namespace l3link {

// One region, exactly: what an open or look-up answered.
struct RegionKey {
  std::string name;
  uint64_t generation = 0;
};

class WorkerRegions final : public RegionListener {
 public:
  // Both outlive it. `waits`: the node's budget, one a wait.
  WorkerRegions(ChipWorker* worker, Budget* waits) : worker_(worker), waits_(waits) {}
  ~WorkerRegions() override;

  // Once, first: remembers notifies in `journal`, which outlives it, and finishes what an earlier daemon was in the middle of.
  absl::Status Restore(MemoryJournal* journal);
  // The value that an earlier daemon had announced for a signal that only the host writes; false: there is no such signal.
  bool StoreAgain(uint64_t generation, uint64_t signal, uint64_t value);
  bool AnyOpen();

  ChipWorker& worker() const { return *worker_; }
  uint32_t worker_id() const { return worker_->worker_id(); }

  absl::StatusOr<v1::OpenRegionResponse> Open(absl::string_view name, const v1::RegionConfig& config);
  absl::Status Close(absl::string_view name, uint64_t generation);
  absl::StatusOr<v1::Region> Describe(absl::string_view name, uint64_t generation);
  // In order of name, with at most `most_values` signal values each.
  void DescribeAll(int most_values, google::protobuf::RepeatedPtrField<v1::Region>* regions);

  // REGION_NOT_FOUND or STALE_ID: not there, or not the one that is meant. REGION_POISONED.
  absl::StatusOr<std::shared_ptr<HostRegion>> Find(absl::string_view name, uint64_t generation);

  // The following are for who found the region before: when it is gone now, that is REGION_CLOSED.
  absl::StatusOr<std::shared_ptr<HostRegion>> FindAgain(const RegionKey& key);
  absl::StatusOr<uint64_t> Notify(const RegionKey& key, const Notification& notification, NotifyWitness* witness);
  // Done once for an id; a repeat with another notification is INVALID_ARGUMENT_FIELD. OUTCOME_UNKNOWN: a restart came between,
  // and the chip writes that signal too.
  absl::StatusOr<uint64_t> NotifyOnce(const RegionKey& key, const Notification& notification,
                                      absl::string_view request_id);
  // Whether NotifyOnce would answer and not do it.
  bool WasNotified(const RegionKey& key, absl::string_view request_id);
  // See RegionPort.
  absl::StatusOr<WaitTable::WaitId> AddWait(const RegionKey& key, WaitSpec spec);
  bool RemoveWait(const RegionKey& key, WaitTable::WaitId id);
  absl::StatusOr<std::vector<uint64_t>> Values(const RegionKey& key, absl::Span<const Condition> conditions);

  // RegionListener. Under the chip worker's lock.
  void OnRegionActivity(HostRegion& region) override;
  void OnRegionGone(HostRegion& region) override;

 private:
  struct Waits {
    std::unique_ptr<WaitTable> table;
    size_t counted = 0;  // taken from the budget
  };

  // "Held": the caller holds the chip worker's lock and hands over its objects.
  absl::StatusOr<std::shared_ptr<HostRegion>> FindHeld(ObjectTable& objects, absl::string_view name,
                                                       uint64_t generation) const;
  absl::StatusOr<std::shared_ptr<HostRegion>> FindAgainHeld(ObjectTable& objects, const RegionKey& key) const;
  absl::StatusOr<uint64_t> NotifyHeld(HostRegion& region, const Notification& notification, NotifyWitness* witness);
  bool StoreAgainHeld(ObjectTable& objects, uint64_t generation, uint64_t signal, uint64_t value) const;
  absl::Status KeepNotifiesHeld();
  Waits& WaitsOfHeld(ObjectTable& objects, HostRegion& region);
  void FillHeld(HostRegion& region, int most_values, v1::Region* out) const;
  // Gives back to the budget what ended since the last count.
  void Settle(Waits& waits);

  ChipWorker* const worker_;
  Budget* const waits_;
  // Under the chip worker's lock, whose annotation only ChipWorker can name.
  absl::flat_hash_map<uint64_t, Waits> waits_of_;  // by generation; those that ever had any
  NotifyMemory notify_memory_{MemoryJournal::kNotifies};
  MemoryJournal* memory_journal_ = nullptr;        // null: nothing outlives the daemon
  std::unique_ptr<NotifyJournal> notify_journal_;  // null until the first notify with an id
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_WORKER_REGIONS_H_
