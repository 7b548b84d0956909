// The node's chips: one ChipWorker each, by worker id. In-process, no gRPC, no proto.
//
// Made once by whoever runs the node (the daemon's main, an in-process host); immutable from then on, so that any thread may
// look up a chip. Ends its chip workers in its destructor: listeners must be gone by then.
#ifndef L3LINK_BACKENDS_WORKER_WORKER_H_
#define L3LINK_BACKENDS_WORKER_WORKER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/sim/sim_options.h"
#include "backends/worker/chip_worker.h"
#include "backends/worker/platform_factory.h"

namespace l3link {

struct WorkerOptions {
  std::vector<PlatformShare> platforms = {{"a2a3sim", 1}};
  SimOptions sim;
  ChipWorkerOptions chip;  // of every chip; its worker_id is not used
};

class Worker {
 public:
  // Starts every chip; when one cannot start, those before it are stopped again.
  static absl::StatusOr<std::unique_ptr<Worker>> Start(const WorkerOptions& options);

  uint32_t size() const { return static_cast<uint32_t>(chips_.size()); }
  // In order of worker id.
  absl::Span<const std::unique_ptr<ChipWorker>> chips() const { return chips_; }
  // worker_id < size().
  ChipWorker& chip(uint32_t worker_id) const { return *chips_[worker_id]; }
  // WORKER_NOT_FOUND.
  absl::StatusOr<ChipWorker*> Find(uint32_t worker_id) const;

 private:
  Worker() = default;

  std::vector<std::unique_ptr<ChipWorker>> chips_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_WORKER_H_
