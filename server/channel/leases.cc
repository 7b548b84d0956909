#include "server/channel/leases.h"

#include "absl/synchronization/mutex.h"

namespace l3link {

LaneNow LaneNowOf(const HostChannel& channel, Direction direction, uint32_t lane) {
  const HostLane& host_lane = channel.lane(direction, lane);
  LaneNow now{{channel.generation(), direction, lane}, host_lane.generation, 0, 0};
  if (host_lane.producer != nullptr) {
    now.position = host_lane.producer->published();
    now.consumed = host_lane.producer->consumed();
  } else {
    now.position = host_lane.consumer->acked();
    now.consumed = now.position;
  }
  return now;
}

// Shared with the ticker's action, which may be running when the leases go.
struct Leases::Ticking {
  absl::Mutex mu;
  Leases* leases ABSL_GUARDED_BY(mu);

  static void Arm(const std::shared_ptr<Ticking>& self, Ticker& ticker, MonoTime now) {
    ticker.Add(After(now, kTick), [self, &ticker](MonoTime then) {
      absl::MutexLock lock(&self->mu);
      if (self->leases == nullptr) return;
      for (const auto& worker : self->leases->node_.workers()) {
        ChipLock chip(*worker);
        self->leases->of(*worker).Tick(then);
      }
      Arm(self, ticker, then);
    });
  }
};

Leases::Leases(Node* node) : node_(*node), ticking_(std::make_shared<Ticking>()) {
  for (size_t i = 0; i < node_.workers().size(); ++i) {
    tables_.push_back(std::make_unique<LeaseTable>(&node_.leases()));
  }
  absl::MutexLock lock(&ticking_->mu);
  ticking_->leases = this;
  Ticking::Arm(ticking_, node_.ticker(), MonoNow());
}

Leases::~Leases() {
  absl::MutexLock lock(&ticking_->mu);
  ticking_->leases = nullptr;
}

}  // namespace l3link
