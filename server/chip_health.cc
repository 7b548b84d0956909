#include "server/chip_health.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"

namespace l3link {

// Hears under the chip worker's lock; tells the health service, and so gRPC, after it.
class ChipHealth::Listener final : public ChipListener, public DeferredAction {
 public:
  Listener(ChipWorker* worker, HealthService* health)
      : worker_(*worker), health_(*health), name_(absl::StrCat("chip/", worker->worker_id())) {
    ChipLock lock(worker_);
    worker_.AddChipListener(this);
    running_ = worker_.state() == ChipState::kRunning;
    health_.Set(name_, running_);
  }
  ~Listener() override {
    ChipLock lock(worker_);
    worker_.RemoveChipListener(this);
  }

  void OnChipState(ChipState state, const std::string& detail) override {
    running_ = state == ChipState::kRunning;
    if (running_) {
      spdlog::info("{} runs{}{}", name_, detail.empty() ? "" : ": ", detail);
    } else {
      spdlog::warn("{} does not run{}{}", name_, detail.empty() ? "" : ": ", detail);
    }
    if (!deferred_.exchange(true)) ChipLock::Defer(worker_, this);
  }

  void RunDeferred() override {
    deferred_ = false;  // before the look: a change from now on defers again
    health_.Set(name_, running_);
  }

 private:
  ChipWorker& worker_;
  HealthService& health_;
  const std::string name_;
  std::atomic<bool> running_{false};
  std::atomic<bool> deferred_{false};
};

ChipHealth::ChipHealth(Node* node, HealthService* health) {
  for (const auto& worker : node->workers()) {
    listeners_.push_back(std::make_unique<Listener>(worker.get(), health));
  }
}

ChipHealth::~ChipHealth() = default;

}  // namespace l3link
