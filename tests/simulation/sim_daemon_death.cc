// How a SimDaemon dies: between two steps, or in the middle of the last one's stores. The stores are undone from the newest
// on, so that the memory is as it was at one instant of the step.
#include <algorithm>

#include "tests/simulation/sim_daemon.h"

namespace l3link::simulation {

void SimDaemon::Mute() {
  NoticeExpired();
  node_->mute = true;
  oracle_.set_blind(true);
  hot_counts_.clear();
  for (const LaneTruth& lane : oracle_.lanes()) hot_counts_.push_back(arena_.HotCount(lane.direction, lane.index));
}

void SimDaemon::Kill(const SimCall* call) {
  world_.Tally(Count::kDaemonCrash, "daemon dies", call == nullptr ? 0 : call->number);
  last_actor_ = {};
  if (!node_->mute) NoticeExpired();
  SimStream* stream = call == nullptr ? nullptr : StreamOf(call);
  if (stream != nullptr) last_actor_ = stream->actor();
  if (stream != nullptr) last_log_ = call->log;
  if (stream != nullptr && node_->mute) Tear(last_actor_);
  for (LaneTruth& lane : oracle_.lanes()) lane.detectable = false;  // a recovery may put it right
  if (world_.plant == Plant::kForgetDelivered) LoseDeliveries();
  if (world_.plant == Plant::kEarlyReport) LosePublished();
  streams_.clear();
  node_.reset();
  leases_.reset();
  arena_.Kill();
  paused_until_ = {};
}

// One step stores to the records of its own lanes only, host_to_chip first: unless it gave others their turn, and then the
// order is not known here.
void SimDaemon::Tear(const Actor& actor) {
  LaneTruth* newest = nullptr;
  for (size_t i = 0; i < oracle_.lanes().size(); ++i) {
    LaneTruth& lane = oracle_.lanes()[i];
    if (arena_.HotCount(lane.direction, lane.index) == hot_counts_[i]) continue;
    if (lane.attacked || actor.lease == 0 || lane.lease != actor.lease) return;
    newest = &lane;
  }
  if (newest != nullptr && world_.random.Chance(900)) TearLane(*newest);
}

bool SimDaemon::TearLane(LaneTruth& lane) {
  LaneHot newest, before;
  arena_.LoadHot(lane.direction, lane.index, &newest, &before);
  if (newest.poison != before.poison || newest.generation != before.generation) return false;
  uint64_t& tail = arena_.ProducerLine(lane.direction, lane.index).tail;
  uint64_t& head = arena_.ConsumerLine(lane.direction, lane.index).head;
  const bool to_chip = lane.direction == Direction::kHostToChip;
  if (newest.epoch != before.epoch) {
    arena_.TearHot(lane.direction, lane.index);
    oracle_.GrantUndone(lane);
    world_.Tally(Count::kCrashBeforeGrant, "before grant", lane.index, newest.epoch);
  } else if (to_chip && newest.settled.count != before.settled.count) {
    const bool shown = world_.random.Chance(500);
    arena_.TearHot(lane.direction, lane.index);
    if (!shown) tail = before.settled.count;
    world_.Tally(shown ? Count::kCrashBeforeCommit : Count::kCrashBeforeTail, "before commit", lane.index,
                 before.settled.count, newest.settled.count);
  } else if (!to_chip && newest.settled.count != before.settled.count) {
    const bool journaled = world_.random.Chance(500);
    if (!journaled) arena_.TearHot(lane.direction, lane.index);
    if (world_.plant != Plant::kHeadFirst) head = before.settled.count;
    world_.Tally(journaled ? Count::kCrashBeforeHead : Count::kCrashBeforeAcked, "before head", lane.index,
                 before.settled.count, newest.settled.count);
  } else if (!to_chip && newest.reached.count != before.reached.count) {
    arena_.TearHot(lane.direction, lane.index);
    world_.Tally(Count::kCrashBeforeDelivered, "before delivered", lane.index, before.reached.count,
                 newest.reached.count);
  } else {
    return false;
  }
  return true;
}

void SimDaemon::LoseDeliveries() {
  for (const LaneTruth& lane : oracle_.lanes()) {
    if (lane.direction != Direction::kChipToHost) continue;
    LaneHot newest, before;
    arena_.LoadHot(lane.direction, lane.index, &newest, &before);
    newest.reached = newest.settled;
    arena_.RewriteHot(lane.direction, lane.index, newest);
  }
}

void SimDaemon::LosePublished() {
  for (const LaneTruth& lane : oracle_.lanes()) {
    if (lane.direction != Direction::kHostToChip) continue;
    LaneHot newest, before;
    arena_.LoadHot(lane.direction, lane.index, &newest, &before);
    if (newest.settled.count <= before.settled.count || newest.generation != before.generation) continue;
    arena_.TearHot(lane.direction, lane.index);
    arena_.ProducerLine(lane.direction, lane.index).tail = before.settled.count;
  }
}

}  // namespace l3link::simulation
