#include "server/memory/region_hub.h"

#include <utility>

namespace l3link {

RegionHub::RegionHub(Node* node) : node_(*node) {
  for (const std::unique_ptr<ChipWorker>& worker : node->workers()) {
    workers_.push_back(std::make_unique<WorkerRegions>(worker.get(), &node->waits()));
  }
}

absl::StatusOr<WorkerRegions*> RegionHub::FindWorker(uint32_t worker_id) const {
  absl::StatusOr<ChipWorker*> worker = node_.FindWorker(worker_id);
  if (!worker.ok()) return worker.status();
  return workers_[worker_id].get();
}

absl::StatusOr<std::unique_ptr<RegionAccess>> RegionHub::Find(const v1::RegionId& id) const {
  absl::StatusOr<WorkerRegions*> worker = FindWorker(id.worker_id());
  if (!worker.ok()) return worker.status();
  absl::StatusOr<std::shared_ptr<HostRegion>> region = (*worker)->Find(id.name(), id.generation());
  if (!region.ok()) return region.status();
  return std::make_unique<RegionAccess>(*worker, RegionKey{(*region)->name(), (*region)->generation()},
                                        (*region)->config().data_bytes);
}

}  // namespace l3link
