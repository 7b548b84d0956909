// What a DeviceContextHandle stands for: one chip worker in this process, its state folder, and the calls on it.
//
// Made and ended by the two calls of runtime_context_api.cc; shared by the calls that are on their way. Its destructor, which
// stops the chip, runs on the thread of whoever is last.
#ifndef L3LINK_BACKENDS_RUNTIME_DEVICE_CONTEXT_H_
#define L3LINK_BACKENDS_RUNTIME_DEVICE_CONTEXT_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/runtime/context_options.h"
#include "backends/runtime/state_folder.h"
#include "backends/worker/chip_calls.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

class DeviceContext {
 public:
  // Returns when the chip program runs, or after a while without. INVALID_ARGUMENT: no such platform. NOT_FOUND: no
  // l3link-sim-chip. UNAVAILABLE: the chip program ends as often as it is started.
  static absl::StatusOr<std::unique_ptr<DeviceContext>> Create(absl::string_view platform, uint32_t device_id,
                                                               ContextOptions options);

  ChipCalls& calls() { return *calls_; }
  const ObjectLimits& limits() const { return chip_->options().limits; }
  const ChipWorker& chip() const { return *chip_; }

 private:
  DeviceContext() = default;
  absl::Status AwaitChip();

  std::unique_ptr<StateFolder> folder_;  // of a simulated chip; goes last
  std::unique_ptr<ChipWorker> chip_;
  std::unique_ptr<ChipCalls> calls_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_DEVICE_CONTEXT_H_
