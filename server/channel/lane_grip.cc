#include "server/channel/lane_grip.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/find_channel.h"
#include "server/channel/held_lane.h"

namespace l3link {
namespace {

constexpr uint32_t kWindowMessages = 16'384;

absl::Status CheckPoison(const HostChannel& channel, const std::vector<LaneNow>& lanes) {
  for (const LaneNow& lane : lanes) {
    const auto& poison = channel.lane(lane.key.direction, lane.key.lane).poison();
    if (poison.has_value()) return PoisonRefusal(lane.key, *poison, lane.position);
  }
  return absl::OkStatus();
}

}  // namespace

LaneGrip::Ear::Ear(LaneUser* user, HostLane* lane, const LaneKey& key) : user_(user), lane_(lane), key_(key) {
  lane_->listener = this;
}

LaneGrip::Ear::~Ear() {
  if (lane_->listener == this) lane_->listener = nullptr;
}

absl::StatusOr<std::unique_ptr<LaneGrip>> LaneGrip::Take(Node& node, Leases& leases, ChipWorker& worker,
                                                         const AttachPlan& plan, LaneUser* user, MonoTime now) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(worker, plan.channel);
  if (!channel.ok()) return channel.status();
  LeaseTable& table = leases.of(worker);
  absl::StatusOr<std::vector<LaneNow>> lanes = ChooseLanes(plan, **channel, table);
  if (!lanes.ok()) return lanes.status();
  if (absl::Status status = CheckPoison(**channel, *lanes); !status.ok()) return status;

  std::unique_ptr<LaneGrip> grip(new LaneGrip(node, table, *std::move(channel)));
  if (plan.to_chip.has_value()) {
    if (absl::Status status = grip->TakeWindow(grip->channel_->config().lane); !status.ok()) return status;
  }
  if (absl::Status status = grip->TakeLease(plan, *lanes, user, now); !status.ok()) return status;
  if (absl::Status status = grip->Resume(plan); !status.ok()) return status;
  grip->Begin(plan, user, now);
  return grip;
}

// At least one largest message; beyond it a share of what the node has left, so that few streams get much and thousands
// still get some.
absl::Status LaneGrip::TakeWindow(const LaneGeometry& geometry) {
  Budget& budget = node_.window_bytes();
  const uint64_t least = geometry.max_message_bytes;
  const uint64_t left = budget.maximum() - std::min(budget.used(), budget.maximum());
  const uint64_t reserve = budget.maximum() / 4;  // for those who come when most is taken
  const uint64_t share = std::max(left / 8192, (left - std::min(left, reserve)) / 64);
  const uint64_t wanted = std::max(least, std::min(share, node_.limits().stream_window_bytes));
  absl::StatusOr<uint64_t> taken = budget.TakeUpTo(least, wanted);
  if (!taken.ok()) return taken.status();
  window_bytes_ = *taken;
  setup_.send_window = {kWindowMessages, window_bytes_};
  return absl::OkStatus();
}

absl::Status LaneGrip::TakeLease(const AttachPlan& plan, const std::vector<LaneNow>& lanes, LaneUser* user,
                                 MonoTime now) {
  absl::StatusOr<Lease*> lease =
      leases_.Attach({plan.session_id, plan.resume, plan.lease_ttl, lanes, plan.principal}, user, now);
  if (!lease.ok()) return lease.status();
  lease_ = *lease;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const HeldLane held{&lease_->record(i), lease_->epoch(i)};
    HostLane& lane = channel_->lane(lanes[i].key.direction, lanes[i].key.lane);
    if (lanes[i].key.direction == Direction::kHostToChip) {
      setup_.producer = lane.producer.get();
      setup_.to_chip = held;
    } else {
      setup_.consumer = lane.consumer.get();
      setup_.to_host = held;
    }
  }
  return absl::OkStatus();
}

// What the client has processed on an earlier stream, and could not acknowledge there.
absl::Status LaneGrip::Resume(const AttachPlan& plan) {
  if (!plan.resume || setup_.consumer == nullptr || plan.resume_acked == 0) return absl::OkStatus();
  LaneConsumer& consumer = *setup_.consumer;
  if (plan.resume_acked > consumer.delivered_ever()) {
    return Refuse(
        Reason::kACK_BEYOND_DELIVERED,
        absl::StrCat(setup_.to_host.Label(), ": resume_acked ", plan.resume_acked, " > ", consumer.delivered_ever(),
                     " delivered"),
        {{"through", absl::StrCat(plan.resume_acked)}, {"delivered", absl::StrCat(consumer.delivered_ever())}});
  }
  if (!AckThrough(consumer, plan.resume_acked) && consumer.poison().has_value()) {
    return PoisonRefusal(setup_.to_host.record->key(), *consumer.poison(), consumer.acked());
  }
  setup_.to_host.record->Acked(consumer.acked());
  return absl::OkStatus();
}

void LaneGrip::Begin(const AttachPlan& plan, LaneUser* user, MonoTime now) {
  setup_.session_id = plan.session_id;
  setup_.session_made_up = plan.session_made_up;
  setup_.lease_ttl = plan.lease_ttl;
  setup_.resumed = lease_->resumed();
  setup_.max_frame_bytes = node_.limits().max_frame_bytes;
  setup_.linger = plan.linger;
  setup_.delivery = plan.delivery;
  setup_.delivery.resumed = setup_.resumed;
  auto listen = [&](const HeldLane& held, absl::optional<Ear>* ear) {
    const LaneKey& key = held.record->key();
    ear->emplace(user, &channel_->lane(key.direction, key.lane), key);
  };
  if (setup_.producer != nullptr) listen(setup_.to_chip, &to_chip_ear_);
  if (setup_.consumer != nullptr) listen(setup_.to_host, &to_host_ear_);
  session_.emplace(setup_, now);
}

LaneGrip::~LaneGrip() {
  to_chip_ear_.reset();
  to_host_ear_.reset();
  node_.window_bytes().Give(window_bytes_);
  if (lease_ == nullptr) return;
  Lease* lease = std::exchange(lease_, nullptr);
  // Taken in vain (an attach refused after its grant), released by the client, or lost with its lane: free at once.
  const bool release = !session_.has_value() || session_->releases_lanes();
  if (release) {
    leases_.Detach(lease, MonoNow());
  } else {
    leases_.DropHolder(lease);
  }
}

}  // namespace l3link
