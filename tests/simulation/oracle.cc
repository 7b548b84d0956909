#include "tests/simulation/oracle.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/channel/lane_record.h"
#include "tests/simulation/content.h"

namespace l3link::simulation {

Oracle::Oracle(World* world, SimArena* arena) : world_(*world), arena_(*arena), echo_next_(world->knobs.lanes) {
  for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
    for (uint32_t i = 0; i < world->knobs.lanes; ++i) {
      LaneTruth& lane = lanes_.emplace_back();
      lane.direction = direction;
      lane.index = i;
      lane.generation = arena->channel().lane(direction, i).generation;
    }
  }
}

void Oracle::Wrong(const LaneTruth& lane, const std::string& what) {
  world_.Fail(absl::StrCat(LaneLabel({0, lane.direction, lane.index}), " of generation ", lane.generation, ": ", what));
}

// Reads a published message as any reader of the ring would, and not by the code under test.
bool Oracle::ReadSlot(const LaneTruth& lane, uint64_t sequence, uint64_t* id) {
  const l3_descriptor& slot = arena_.Descriptor(lane.direction, lane.index, sequence);
  *id = slot.correlation_id;
  const LaneGeometry& geometry = arena_.geometry();
  if (slot.sequence != sequence ||
      slot.payload_position % geometry.ring_bytes + slot.payload_bytes > geometry.ring_bytes)
    return false;
  const char* payload = arena_.Payload(lane.direction, lane.index, slot.payload_position);
  return slot.route == ContentRoute(*id) && IsContent(*id, geometry.max_message_bytes, {payload, slot.payload_bytes});
}

void Oracle::Observe(const Actor* actor) {
  if (blind_) return;
  for (LaneTruth& lane : lanes_) {
    if (lane.direction == Direction::kHostToChip) {
      ObservePublished(lane, actor);
    } else {
      ObserveAcked(lane, actor);
    }
  }
}

void Oracle::ObservePublished(LaneTruth& lane, const Actor* actor) {
  const LaneProducer& producer = *arena_.channel().lane(lane.direction, lane.index).producer;
  const uint64_t published = producer.published();
  if (published == lane.position) return;
  if (lane.attacked) {
    lane.position = published;
    return;
  }
  if (published < lane.position) {
    return Wrong(lane, absl::StrCat("published fell from ", lane.position, " to ", published));
  }
  if (actor == nullptr || actor->log == nullptr || lane.lease != actor->lease) {
    return Wrong(lane, absl::StrCat("session ", actor == nullptr ? 0 : actor->session, " published up to ", published,
                                    " while session ", Holder(lane), " holds it"));
  }
  for (; lane.position < published; ++lane.position) {
    uint64_t id;
    const Log& log = *actor->log;
    if (lane.position < log.first || lane.position >= log.end()) {
      return Wrong(lane, absl::StrCat("message ", lane.position, " was never sent"));
    }
    const uint64_t sent = log.contents[lane.position - log.first];
    if (!ReadSlot(lane, lane.position, &id) || id != sent) {
      return Wrong(lane, absl::StrCat("message ", lane.position, " is ", id, " instead of ", sent));
    }
    lane.contents.push_back(id);
    world_.Tally(Count::kPublished, "published", lane.index, lane.position, id);
  }
}

void Oracle::ObserveAcked(LaneTruth& lane, const Actor* actor) {
  const uint64_t acked = arena_.channel().lane(lane.direction, lane.index).consumer->acked();
  if (acked == lane.position) return;
  if (!lane.attacked) {
    if (acked < lane.position) return Wrong(lane, absl::StrCat("acked fell from ", lane.position, " to ", acked));
    if (acked > lane.acked_by_client) {
      return Wrong(lane, absl::StrCat("acked ", acked, ", but no client acknowledged beyond ", lane.acked_by_client));
    }
    if (actor == nullptr || lane.lease != actor->lease) {
      return Wrong(lane, absl::StrCat("session ", actor == nullptr ? 0 : actor->session, " acknowledged up to ", acked,
                                      " while session ", Holder(lane), " holds it"));
    }
  }
  world_.Note("acked", lane.index, acked);
  lane.position = acked;
}

void Oracle::ChipPublished() {
  if (blind_) return;
  for (uint32_t i = 0; i < world_.knobs.lanes; ++i) {
    LaneTruth& out = lane(Direction::kChipToHost, i);
    LaneTruth& in = lane(Direction::kHostToChip, i);
    if (out.attacked || in.attacked) continue;
    const uint64_t tail = arena_.ProducerLine(Direction::kChipToHost, i).tail;
    while (out.contents.size() < tail) {
      uint64_t id;
      const uint64_t sequence = out.contents.size();
      if (!ReadSlot(out, sequence, &id)) return Wrong(out, absl::StrCat("answer ", sequence, " is not whole"));
      if (echo_next_[i] >= in.contents.size() || in.contents[echo_next_[i]] != id) {
        return Wrong(out, absl::StrCat("answer ", sequence, " is ", id, ", but message ", echo_next_[i], " was next"));
      }
      ++echo_next_[i];
      out.contents.push_back(id);
      world_.Tally(Count::kEchoed, "echoed", i, sequence, id);
    }
    const uint64_t head = arena_.ConsumerLine(Direction::kHostToChip, i).head;
    if (head > echo_next_[i]) Wrong(in, absl::StrCat("head ", head, ", but only ", echo_next_[i], " are answered"));
  }
}

void Oracle::Realign(uint32_t pair) { echo_next_[pair] = arena_.ConsumerLine(Direction::kHostToChip, pair).head; }

void Oracle::LaneReset(LaneTruth& lane) {
  const uint64_t generation = arena_.channel().lane(lane.direction, lane.index).generation;
  if (generation == lane.generation) return;  // known already
  const int session = lane.last_session;
  Retire(lane);
  for (LaneTruth& other : lanes_) other.may_end_early |= lane.held() && other.lease == lane.lease;
  if (lane.held() && !Excused(session)) excused_.push_back(session);
  if (lane.held()) lane.reset_lease = lane.lease;
  lane.lease = 0;
  lane.generation = generation;
  lane.contents.clear();
  lane.position = lane.handed_out = lane.acked_by_client = 0;
  lane.attacked = lane.detectable = lane.poison_seen = false;
  lane.poisons = 0;
  Realign(lane.index);
}

void Oracle::Attacked(LaneTruth& lane, uint32_t poisons, int detectable) {
  lane.attacked = true;
  lane.poisons |= poisons;
  lane.detectable = detectable > 0;
  lane.detectable_now_only = detectable == 1;
}

void Oracle::CheckPoisons() {
  for (LaneTruth& lane : lanes_) {
    const auto& poison = arena_.channel().lane(lane.direction, lane.index).poison();
    if (!poison.has_value()) continue;
    const std::string name(PoisonName(poison->reason));
    if (!lane.attacked) return Wrong(lane, absl::StrCat("poisoned without an attack: ", name, ": ", poison->evidence));
    if ((lane.poisons & PoisonBit(poison->reason)) == 0) {
      return Wrong(lane, absl::StrCat("the attack led to ", name, ": ", poison->evidence));
    }
    if (std::exchange(lane.poison_seen, true)) continue;
    const auto count = static_cast<size_t>(Count::kPoisonTailRange) + static_cast<size_t>(poison->reason);
    world_.Tally(static_cast<Count>(count), "poisoned", static_cast<uint64_t>(lane.direction), lane.index,
                 static_cast<uint64_t>(poison->reason));
  }
}

void Oracle::CheckRings() {
  for (const LaneTruth& lane : lanes_) {
    if (lane.attacked) continue;
    const uint64_t head = arena_.ConsumerLine(lane.direction, lane.index).head;
    const uint64_t tail = arena_.ProducerLine(lane.direction, lane.index).tail;
    if (tail != lane.contents.size()) {
      return Wrong(lane, absl::StrCat("tail ", tail, " instead of ", lane.contents.size()));
    }
    for (uint64_t i = head; i < tail; ++i) {
      uint64_t id;
      if (!ReadSlot(lane, i, &id) || id != lane.contents[i])
        return Wrong(lane, absl::StrCat("message ", i, " is lost"));
    }
  }
}

}  // namespace l3link::simulation
