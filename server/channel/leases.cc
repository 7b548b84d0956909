#include "server/channel/leases.h"

#include "absl/synchronization/mutex.h"

namespace l3link {

LaneNow LaneNowOf(const HostChannel& channel, Direction direction, uint32_t lane) {
  const HostLane& host_lane = channel.lane(direction, lane);
  LaneNow now{{channel.generation(), direction, lane}, host_lane.generation, 0, 0, host_lane.journal.get()};
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
  for (const auto& worker : node_.workers()) {
    tables_.push_back(std::make_unique<LeaseTable>(&node_.leases()));
    Restore(*worker, tables_.back().get());
  }
  absl::MutexLock lock(&ticking_->mu);
  ticking_->leases = this;
  Ticking::Arm(ticking_, node_.ticker(), MonoNow());
}

void Leases::Restore(ChipWorker& worker, LeaseTable* table) {
  ChipLock lock(worker);
  for (const auto& [name, channel] : worker.objects().channels()) {
    std::vector<LaneNow> lanes;
    for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i) lanes.push_back(LaneNowOf(*channel, direction, i));
    }
    table->Restore(lanes, MonoNow());
  }
}

void Leases::Ready() {
  for (const auto& worker : node_.workers()) {
    ChipLock lock(*worker);
    of(*worker).RenewAll(MonoNow());
  }
}

Leases::~Leases() {
  absl::MutexLock lock(&ticking_->mu);
  ticking_->leases = nullptr;
}

}  // namespace l3link
