// All regions of the node: where a RegionId leads. Made by MemoryService, shared by its unary calls and streams; any thread.
#ifndef L3LINK_SERVER_MEMORY_REGION_HUB_H_
#define L3LINK_SERVER_MEMORY_REGION_HUB_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "l3link/v1/memory.pb.h"
#include "server/memory/region_access.h"
#include "server/memory/worker_regions.h"
#include "server/node.h"

namespace l3link {

class RegionHub {
 public:
  // The node outlives it.
  explicit RegionHub(Node* node);

  // WORKER_NOT_FOUND.
  absl::StatusOr<WorkerRegions*> FindWorker(uint32_t worker_id) const;
  // WORKER_NOT_FOUND, REGION_NOT_FOUND, STALE_ID, REGION_POISONED.
  absl::StatusOr<std::unique_ptr<RegionAccess>> Find(const v1::RegionId& id) const;

  // In order of worker id.
  const std::vector<std::unique_ptr<WorkerRegions>>& workers() const { return workers_; }

 private:
  Node& node_;
  std::vector<std::unique_ptr<WorkerRegions>> workers_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_REGION_HUB_H_
