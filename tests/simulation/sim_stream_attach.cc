// The way of a SimStream from its attach frame to its lanes: at once, in turn, or not.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/leases.h"
#include "tests/simulation/sim_stream.h"

namespace l3link::simulation {
namespace {

bool IsHeld(const absl::Status& status) {
  return IsRefusal(status, Reason::kLANE_HELD) || IsRefusal(status, Reason::kLANES_ALL_HELD);
}

absl::optional<Count> CountOf(const absl::Status& status) {
  const absl::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal.has_value()) return absl::nullopt;
  switch (refusal->row->reason) {
    case Reason::kLANE_HELD: return Count::kLaneHeld;
    case Reason::kLANES_ALL_HELD: return Count::kAllHeld;
    case Reason::kSESSION_LOST: return Count::kSessionLost;
    case Reason::kSESSION_UNKNOWN: return Count::kSessionUnknown;
    case Reason::kLANE_RESET: return Count::kResetWhileAway;
    case Reason::kLANE_POISONED: return Count::kRefusedPoisoned;
    default: return absl::nullopt;
  }
}

}  // namespace

void SimStream::TryAttach() {
  const bool waited = phase_ == Phase::kWaiting;
  const absl::Status status = Take();
  node_.world.Note("attach", call_.number, call_.session, static_cast<uint64_t>(status.code()));
  if (status.ok()) {
    if (waited) node_.world.counters.Add(Count::kGrantedInTurn);
    if (waited) node_.leases.LeaveQueue(this);
    return Begin();
  }
  if (!waited) {
    if (const auto count = CountOf(status)) node_.world.Tally(*count, "refused", call_.number, call_.session);
  }
  if (!IsHeld(status) || !plan_.wait_if_held) return End(status);
  held_ = status;
  if (waited) return;
  phase_ = Phase::kWaiting;
  node_.world.Tally(Count::kWaited, "waits", call_.number);
  wait_until_ = After(node_.world.now, plan_.wait);
  node_.leases.Await(this, node_.arena.channel().generation());
}

absl::Status SimStream::Take() {
  HostChannel& channel = node_.arena.channel();
  node_.notice_expired();
  absl::StatusOr<std::vector<LaneNow>> lanes = ChooseLanes(plan_, channel, node_.leases);
  node_.notice_expired();  // choosing a free lane may have ended leases
  if (!lanes.ok()) return lanes.status();
  for (const LaneNow& lane : *lanes) {
    const auto& poison = channel.lane(lane.key.direction, lane.key.lane).poison();
    if (poison.has_value()) return PoisonRefusal(lane.key, *poison, lane.position);
  }
  setup_ = {};
  if (plan_.to_chip.has_value()) {
    setup_.send_window = {node_.world.knobs.window_messages, node_.world.knobs.window_bytes};
  }
  if (absl::Status status = TakeLease(*lanes); !status.ok()) return status;
  absl::Status status = Resume();
  if (status.ok()) return status;
  node_.oracle.LeaseOver(std::exchange(oracle_lease_, 0), Oracle::Over::kReleased);
  node_.leases.Detach(std::exchange(lease_, nullptr), node_.world.now);
  return status;
}

absl::Status SimStream::TakeLease(const std::vector<LaneNow>& lanes) {
  HostChannel& channel = node_.arena.channel();
  std::vector<LaneTruth*> truths;
  bool superseded = false;
  for (const LaneNow& lane : lanes) {
    LaneTruth& truth = node_.oracle.lane(lane.key.direction, lane.key.lane);
    if (lane.key.direction == Direction::kChipToHost) call_.received_before = truth.handed_out;
    truths.push_back(&truth);
  }
  node_.oracle.Touch(truths);
  for (LaneTruth* truth : truths) superseded |= node_.oracle.Holder(*truth) == call_.session;
  const Oracle::Expected expected = node_.oracle.ExpectAttach(call_.session, plan_.resume, truths);
  // Before it is done: the table may give others their turn in it.
  const bool same = truths[0]->last_session == call_.session;
  if (!expected.reason.has_value()) oracle_lease_ = node_.oracle.Granted(call_.session, truths);
  absl::StatusOr<Lease*> lease =
      node_.leases.Attach({plan_.session_id, plan_.resume, plan_.lease_ttl, lanes}, this, node_.world.now);
  if (!lease.ok()) {
    node_.oracle.CheckRefusal(expected, lease.status());
    return lease.status();
  }
  if (expected.reason.has_value()) {
    node_.world.Fail(absl::StrCat("session ", call_.session, " was granted what it must be refused for reason ",
                                  static_cast<int>(*expected.reason)));
  }
  lease_ = *lease;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const HeldLane held{&lease_->record(i), lease_->epoch(i)};
    if (held.epoch != truths[i]->epoch) {
      node_.world.Fail(absl::StrCat(held.Label(), ": granted at epoch ", held.epoch, " instead of ", truths[i]->epoch));
    }
    HostLane& lane = channel.lane(lanes[i].key.direction, lanes[i].key.lane);
    if (lanes[i].key.direction == Direction::kHostToChip) {
      setup_.producer = lane.producer.get();
      setup_.to_chip = held;
    } else {
      setup_.consumer = lane.consumer.get();
      setup_.to_host = held;
    }
  }
  if (superseded) node_.world.counters.Add(Count::kSuperseded);
  node_.world.Tally(same ? Count::kGrantedSame : Count::kGrantedNew, "granted", call_.number, call_.session,
                    lease_->epoch(0));
  return absl::OkStatus();
}

absl::Status SimStream::Resume() {
  if (!plan_.resume || setup_.consumer == nullptr || plan_.resume_acked == 0) return absl::OkStatus();
  LaneConsumer& consumer = *setup_.consumer;
  if (plan_.resume_acked > consumer.delivered_ever()) {
    return Refuse(Reason::kACK_BEYOND_DELIVERED,
                  absl::StrCat("resume_acked ", plan_.resume_acked, " > ", consumer.delivered_ever(), " delivered"));
  }
  if (!AckThrough(consumer, plan_.resume_acked) && consumer.poison().has_value()) {
    return PoisonRefusal(setup_.to_host.record->key(), *consumer.poison(), consumer.acked());
  }
  setup_.to_host.record->Acked(consumer.acked());
  return absl::OkStatus();
}

void SimStream::Begin() {
  phase_ = Phase::kAttached;
  setup_.session_id = plan_.session_id;
  setup_.lease_ttl = plan_.lease_ttl;
  setup_.resumed = lease_->resumed();
  setup_.max_frame_bytes = node_.limits.max_frame_bytes;
  setup_.linger = plan_.linger;
  setup_.delivery = plan_.delivery;
  setup_.delivery.resumed = setup_.resumed;
  if (setup_.producer != nullptr) to_chip_ear_.emplace(this, setup_.to_chip.record->key());
  if (setup_.consumer != nullptr) to_host_ear_.emplace(this, setup_.to_host.record->key());
  session_.emplace(setup_, node_.world.now);
  Pump();
  for (v1::StreamRequest& frame : std::exchange(early_, {})) Handle(frame);
  Pump();
}

}  // namespace l3link::simulation
