#include "backends/worker/worker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(const WorkerOptions& options) {
  std::unique_ptr<Worker> worker(new Worker());
  for (const PlatformShare& share : options.platforms) {
    for (uint32_t index = 0; index < share.chips; ++index) {
      ChipWorkerOptions chip_options = options.chip;
      chip_options.worker_id = worker->size();
      absl::StatusOr<std::unique_ptr<Platform>> platform =
          MakePlatform(share.platform, index, chip_options.worker_id, options.sim, options.ascend);
      if (!platform.ok()) return platform.status();
      absl::StatusOr<std::unique_ptr<ChipWorker>> chip = ChipWorker::Start(*std::move(platform), chip_options);
      if (!chip.ok()) return chip.status();
      worker->calls_.push_back(std::make_unique<ChipCalls>(chip->get()));
      worker->chips_.push_back(*std::move(chip));
    }
  }
  return worker;
}

absl::StatusOr<ChipWorker*> Worker::Find(uint32_t worker_id) const {
  if (worker_id < size()) return chips_[worker_id].get();
  return Refuse(Reason::kWORKER_NOT_FOUND, absl::StrCat("worker ", worker_id, ": this node has ", size(), ", from 0"),
                {{"worker_id", absl::StrCat(worker_id)}, {"workers", absl::StrCat(size())}});
}

absl::StatusOr<WorkerChannel> Worker::OpenChannel(uint32_t worker_id, absl::string_view name,
                                                  const ChannelConfig& config) {
  absl::StatusOr<ChipWorker*> chip = Find(worker_id);
  if (!chip.ok()) return chip.status();
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = calls(worker_id).OpenChannel(name, config);
  if (!channel.ok()) return channel.status();
  return WorkerChannel{worker_id, *std::move(channel)};
}

absl::StatusOr<WorkerRegion> Worker::OpenSharedMemory(uint32_t worker_id, absl::string_view name,
                                                      const RegionConfig& config) {
  absl::StatusOr<ChipWorker*> chip = Find(worker_id);
  if (!chip.ok()) return chip.status();
  absl::StatusOr<std::shared_ptr<HostRegion>> region = calls(worker_id).OpenSharedMemory(name, config);
  if (!region.ok()) return region.status();
  return WorkerRegion{worker_id, *std::move(region)};
}

absl::Status Worker::CloseChannel(const WorkerChannel& channel) {
  return calls(channel.worker_id).CloseChannel(*channel.object);
}

absl::StatusOr<size_t> Worker::ChannelSend(const WorkerChannel& channel, absl::Span<const OutgoingMessage> messages,
                                           absl::Duration timeout) {
  return calls(channel.worker_id).ChannelSend(*channel.object, messages, timeout);
}

absl::StatusOr<size_t> Worker::ChannelRecv(const WorkerChannel& channel, absl::Span<IncomingMessage> messages,
                                           absl::Duration timeout) {
  return calls(channel.worker_id).ChannelRecv(*channel.object, messages, timeout);
}

absl::Status Worker::CloseSharedMemory(const WorkerRegion& region) {
  return calls(region.worker_id).CloseSharedMemory(*region.object);
}

absl::StatusOr<SharedMemoryInfo> Worker::GetSharedMemoryInfo(const WorkerRegion& region) {
  return calls(region.worker_id).GetSharedMemoryInfo(*region.object);
}

absl::Status Worker::SharedMemoryRead(const WorkerRegion& region, uint64_t offset, absl::Span<std::byte> out) {
  return calls(region.worker_id).SharedMemoryRead(*region.object, offset, out);
}

absl::Status Worker::SharedMemoryWrite(const WorkerRegion& region, uint64_t offset, absl::Span<const std::byte> data) {
  return calls(region.worker_id).SharedMemoryWrite(*region.object, offset, data);
}

absl::StatusOr<uint64_t> Worker::SharedMemoryNotify(const WorkerRegion& region, const Notification& notification) {
  return calls(region.worker_id).SharedMemoryNotify(*region.object, notification);
}

absl::StatusOr<uint64_t> Worker::SharedMemoryWait(const WorkerRegion& region, const Condition& condition,
                                                  absl::Duration timeout) {
  return calls(region.worker_id).SharedMemoryWait(*region.object, condition, timeout);
}

}  // namespace l3link
