#include "tests/simulation/sim_daemon.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/channel/leases.h"

namespace l3link::simulation {
namespace {

constexpr absl::Duration kTick = Leases::kTick;
constexpr absl::Duration kLongestSleep = absl::Seconds(1);

}  // namespace

SimDaemon::SimDaemon(World* world, SimArena* arena, Oracle* oracle) : world_(*world), arena_(*arena), oracle_(*oracle) {
  Forget();
  leases_ = std::make_unique<LeaseTable>(&lease_budget_);
  node_ = std::make_unique<SimNode>(SimNode{world_, arena_, oracle_, *leases_, [this] { NoticeExpired(); }});
  node_->limits.max_frame_bytes = world->knobs.max_frame_bytes;
}

void SimDaemon::Forget() {
  next_tick_ = After(world_.now, kTick);
  last_tick_ = kNever;
  asleep_ = false;
}

void SimDaemon::Pause(uint64_t us) { paused_until_ = After(world_.now, absl::Microseconds(us)); }

SimStream* SimDaemon::StreamOf(const SimCall* call) {
  for (auto& stream : streams_) {
    if (&stream->call() == call) return stream.get();
  }
  return nullptr;
}

void SimDaemon::OnFrame(SimCall* call, v1::StreamRequest& frame) {
  SimStream* stream = StreamOf(call);
  if (stream == nullptr) stream = streams_.emplace_back(std::make_unique<SimStream>(node_.get(), call)).get();
  stream->OnFrame(frame);
  const Actor actor = stream->actor();
  oracle_.Observe(&actor);
}

void SimDaemon::OnTaken(SimCall* call) {
  if (SimStream* stream = StreamOf(call)) stream->OnTaken();
}

void SimDaemon::OnOver(SimCall* call) {
  if (SimStream* stream = StreamOf(call)) {
    stream->OnOver();
    std::erase_if(streams_, [&](const auto& one) { return one.get() == stream; });
  }
  call->node_gone = true;
}

void SimDaemon::OnTime() {
  if (!working()) return;
  if (world_.now >= next_tick_) {
    const absl::Duration gap = last_tick_ == kNever ? absl::ZeroDuration() : Between(last_tick_, world_.now);
    if (gap > std::max(absl::Seconds(1), world_.knobs.ttl / 10)) oracle_.Shift(gap);
    last_tick_ = world_.now;
    next_tick_ = After(world_.now, kTick);
    leases_->Tick(world_.now);
    NoticeExpired();
    oracle_.Observe(nullptr);
  }
  for (size_t i = 0; i < streams_.size(); ++i) streams_[i]->OnTimer();
}

// Leases without a stream end, or go with a lane that was reset, and nobody is told.
void SimDaemon::NoticeExpired() {
  for (LaneTruth& lane : oracle_.lanes()) {
    if (!lane.held()) continue;
    const LaneKey key{arena_.channel().generation(), lane.direction, lane.index};
    if (!leases_->View(key, world_.now).session_id.empty()) continue;
    world_.Tally(Count::kExpiredAlone, "expired alone", lane.last_session);
    oracle_.LeaseOver(lane.lease, Oracle::Over::kExpired);
  }
}

void SimDaemon::Look() {
  const uint32_t bell = l3_load_acquire_u32(arena_.bell().word());
  if (asleep_ && bell == bell_ && world_.now < wakes_at_) return;
  const bool everything = asleep_ && world_.now >= wakes_at_;
  asleep_ = false;
  arena_.bell().Disarm();
  if (arena_.table().ScanRings(everything) > 0) return;
  bell_ = arena_.bell().Arm();
  if (arena_.table().ScanRings(false) > 0) return arena_.bell().Disarm();
  asleep_ = true;
  wakes_at_ = After(world_.now, kLongestSleep);
}

void SimDaemon::Audit() {
  arena_.table().ReleaseQuarantine(false);
  arena_.table().Audit();
  for (LaneTruth& lane : oracle_.lanes()) {
    const auto& poison = arena_.channel().lane(lane.direction, lane.index).poison();
    if (std::exchange(lane.detectable, false) && !poison.has_value()) {
      world_.Fail(absl::StrCat(LaneLabel({0, lane.direction, lane.index}), ": the audit found nothing of the attack"));
    }
  }
}

void SimDaemon::ResetLane(LaneTruth& lane) {
  world_.Note("reset", static_cast<uint64_t>(lane.direction), lane.index, lane.position);
  const absl::Status status = arena_.table().ResetLane(arena_.channel(), lane.direction, lane.index);
  if (status.ok()) oracle_.LaneReset(lane);
}

void SimDaemon::ReleaseLease(LaneTruth& lane) {
  const LaneNow now = LaneNowOf(arena_.channel(), lane.direction, lane.index);
  if (!lane.held() || leases_->View(now.key, world_.now).session_id.empty()) return;
  world_.Tally(Count::kReleased, "released", static_cast<uint64_t>(lane.direction), lane.index, lane.last_session);
  const uint64_t position = lane.position;
  oracle_.ReleasedByOperator(lane);
  const auto retired = leases_->ReleaseByOperator(now, world_.now);
  if (!retired.ok() || retired->position != position) {
    world_.Fail(absl::StrCat("release of a lane at ", position, " answers ",
                             retired.ok() ? absl::StrCat(retired->position) : retired.status().ToString()));
  }
}

void SimDaemon::Restart() {
  world_.Note("restart");
  if (const absl::Status status = arena_.Recover(); !status.ok()) return world_.Fail(status.ToString());
  leases_ = std::make_unique<LeaseTable>(&lease_budget_);
  node_ = std::make_unique<SimNode>(SimNode{world_, arena_, oracle_, *leases_, [this] { NoticeExpired(); }});
  node_->limits.max_frame_bytes = world_.knobs.max_frame_bytes;
  Forget();
  oracle_.set_blind(false);
  oracle_.Observe(&last_actor_);
  oracle_.ChipPublished();
  std::vector<LaneNow> lanes;
  for (const LaneTruth& lane : oracle_.lanes())
    lanes.push_back(LaneNowOf(arena_.channel(), lane.direction, lane.index));
  if (world_.plant != Plant::kForgetLease) leases_->Restore(lanes, world_.now);
  for (size_t i = 0; i < lanes.size(); ++i) {
    LaneTruth& lane = oracle_.lanes()[i];
    const LeaseView view = leases_->View(lanes[i].key, world_.now);
    const bool same = lane.held() ? view.session_id == absl::StrCat("s", lane.last_session) : view.session_id.empty();
    if (!same) {
      world_.Fail(absl::StrCat(LaneLabel(lanes[i].key), ": after the restart held by \"", view.session_id,
                               "\" instead of session ", oracle_.Holder(lane)));
    }
    if (lane.held()) world_.Tally(Count::kRestored, "restored", i, lane.last_session);
  }
  oracle_.HeardAll();
  oracle_.CheckPoisons();
}

}  // namespace l3link::simulation
