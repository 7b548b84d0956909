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
          MakePlatform(share.platform, index, chip_options.worker_id, options.sim);
      if (!platform.ok()) return platform.status();
      absl::StatusOr<std::unique_ptr<ChipWorker>> chip = ChipWorker::Start(*std::move(platform), chip_options);
      if (!chip.ok()) return chip.status();
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

}  // namespace l3link
