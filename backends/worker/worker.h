// The node's chips: one ChipWorker each, by worker id. In-process, no gRPC, no proto.
//
// Made once by whoever runs the node (the daemon's main, an in-process host); immutable from then on, so that any thread may
// look up a chip. Ends its chip workers in its destructor: listeners and calls must be gone by then.
//
// The operations are those of ChipCalls, with their errors, on the chip that the handle is of.
#ifndef L3LINK_BACKENDS_WORKER_WORKER_H_
#define L3LINK_BACKENDS_WORKER_WORKER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/ascend/ascend_options.h"
#include "backends/sim/sim_options.h"
#include "backends/worker/chip_calls.h"
#include "backends/worker/chip_worker.h"
#include "backends/worker/platform_factory.h"

namespace l3link {

struct WorkerOptions {
  std::vector<PlatformShare> platforms = {{"a2a3sim", 1}};
  SimOptions sim;
  AscendOptions ascend;
  ChipWorkerOptions chip;  // of every chip; its worker_id is not used
};

// Channels and regions of one of the node's chips. Copies name the same object.
struct WorkerChannel {
  uint32_t worker_id = 0;
  std::shared_ptr<HostChannel> object;
};
struct WorkerRegion {
  uint32_t worker_id = 0;
  std::shared_ptr<HostRegion> object;
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
  // The one ChipCalls of that chip. worker_id < size().
  ChipCalls& calls(uint32_t worker_id) const { return *calls_[worker_id]; }

  // Also WORKER_NOT_FOUND.
  absl::StatusOr<WorkerChannel> OpenChannel(uint32_t worker_id, absl::string_view name, const ChannelConfig& config);
  absl::StatusOr<WorkerRegion> OpenSharedMemory(uint32_t worker_id, absl::string_view name, const RegionConfig& config);

  absl::Status CloseChannel(const WorkerChannel& channel);
  absl::StatusOr<size_t> ChannelSend(const WorkerChannel& channel, absl::Span<const OutgoingMessage> messages,
                                     absl::Duration timeout);
  absl::StatusOr<size_t> ChannelRecv(const WorkerChannel& channel, absl::Span<IncomingMessage> messages,
                                     absl::Duration timeout);

  absl::Status CloseSharedMemory(const WorkerRegion& region);
  absl::StatusOr<SharedMemoryInfo> GetSharedMemoryInfo(const WorkerRegion& region);
  absl::Status SharedMemoryRead(const WorkerRegion& region, uint64_t offset, absl::Span<std::byte> out);
  absl::Status SharedMemoryWrite(const WorkerRegion& region, uint64_t offset, absl::Span<const std::byte> data);
  absl::StatusOr<uint64_t> SharedMemoryNotify(const WorkerRegion& region, const Notification& notification);
  absl::StatusOr<uint64_t> SharedMemoryWait(const WorkerRegion& region, const Condition& condition,
                                            absl::Duration timeout);

 private:
  Worker() = default;

  std::vector<std::unique_ptr<ChipWorker>> chips_;
  std::vector<std::unique_ptr<ChipCalls>> calls_;  // of each chip
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_WORKER_H_
