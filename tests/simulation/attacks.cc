#include "tests/simulation/attacks.h"

namespace l3link::simulation {
namespace {

constexpr uint32_t kTailRange = PoisonBit(PoisonReason::kTailRange);
constexpr uint32_t kHeadRange = PoisonBit(PoisonReason::kHeadRange);
constexpr uint32_t kGeometry = PoisonBit(PoisonReason::kGeometry);
constexpr uint32_t kDescriptor = PoisonBit(PoisonReason::kDescriptor);
constexpr uint32_t kChecksum = PoisonBit(PoisonReason::kChecksum);
constexpr uint32_t kEquivocation = PoisonBit(PoisonReason::kEquivocation);
constexpr uint32_t kRecovery = PoisonBit(PoisonReason::kRecovery);

class Attacker {
 public:
  Attacker(World& world, SimArena& arena, Oracle& oracle, LaneTruth& lane)
      : world_(world),
        arena_(arena),
        oracle_(oracle),
        lane_(lane),
        producer_(arena.ProducerLine(lane.direction, lane.index)),
        consumer_(arena.ConsumerLine(lane.direction, lane.index)) {}

  bool OnChipsLane() {
    const LaneConsumer& host = *arena_.channel().lane(lane_.direction, lane_.index).consumer;
    const bool delivered = host.delivered_ever() > host.acked();
    switch (world_.random.Below(16)) {
      case 0:  // back, or beyond what the ring can hold
        // The latter becomes believable when acks go on, and then its slots are not.
        if (world_.random.Chance(500) && host.published() > 0) {
          producer_.tail = world_.random.Below(host.published());
          return Done(Count::kAttackTail, kTailRange | kRecovery, 2);
        }
        producer_.tail = host.acked() + world_.knobs.lane_depth + 1 + world_.random.Below(1000);
        return Done(Count::kAttackTail, kTailRange | kRecovery | kDescriptor, 1);
      case 1: {  // the next message, with one word of its descriptor wrong
        if (producer_.tail - host.acked() >= world_.knobs.lane_depth) return false;
        l3_descriptor& slot = arena_.Descriptor(lane_.direction, lane_.index, producer_.tail);
        Spoil(slot, producer_.tail);
        producer_.tail += 1;
        return Done(Count::kAttackDescriptor, kDescriptor | kEquivocation, 0);
      }
      case 2:  // a message that was delivered, and is not acknowledged
      case 5:
        if (!delivered) return false;
        return SpoilDelivered(host.acked() + world_.random.Below(host.delivered_ever() - host.acked()));
      case 3:  // the host's own line
        if (world_.random.Chance(500)) {
          consumer_.head += world_.random.Chance(500) ? 1 : -1;
        } else {
          consumer_.rung += 7;
        }
        return Done(Count::kAttackHostWords, kGeometry | kRecovery, 1);
      case 4: return SpoilLaneTable();
      default: {  // a payload that its checksum does not cover any more
        if (!world_.knobs.checksum || producer_.tail == host.delivered_ever()) return false;
        l3_descriptor& slot = arena_.Descriptor(lane_.direction, lane_.index, host.delivered_ever());
        slot.crc32c ^= 0x10;
        return Done(Count::kAttackDescriptor, kChecksum | kEquivocation, 0);
      }
    }
  }

  bool OnHostsLane() {
    const LaneProducer& host = *arena_.channel().lane(lane_.direction, lane_.index).producer;
    switch (world_.random.Below(4)) {
      case 0:
        // The latter becomes believable when more is published.
        if (world_.random.Chance(500) && host.consumed() > 0) {
          consumer_.head = world_.random.Below(host.consumed());
          return Done(Count::kAttackHead, kHeadRange | kRecovery, 2);
        }
        consumer_.head = host.published() + 1 + world_.random.Below(1000);
        return Done(Count::kAttackHead, kHeadRange | kRecovery, 1);
      case 1: producer_.tail += 1 + world_.random.Below(3); break;
      case 2: producer_.rung ^= 0x40; break;
      default: return SpoilLaneTable();
    }
    return Done(Count::kAttackHostWords, kGeometry | kRecovery, 1);
  }

 private:
  void Spoil(l3_descriptor& slot, uint64_t sequence) {
    const uint64_t end_before = sequence == 0
                                    ? 0
                                    : arena_.Descriptor(lane_.direction, lane_.index, sequence - 1).payload_position +
                                          arena_.Descriptor(lane_.direction, lane_.index, sequence - 1).payload_bytes;
    slot = {};
    slot.sequence = sequence;
    slot.payload_position = l3_payload_position(end_before, 0, world_.knobs.ring_bytes, 8);
    switch (world_.random.Below(5)) {
      case 0: slot.sequence += 1; break;
      case 1: slot.payload_bytes = world_.knobs.max_message_bytes + 1; break;
      case 2: slot.payload_position += 8; break;
      case 3: slot.flags = 4; break;
      default: slot.reserved[world_.random.Below(3)] = 1; break;
    }
  }

  bool SpoilDelivered(uint64_t sequence) {
    l3_descriptor& slot = arena_.Descriptor(lane_.direction, lane_.index, sequence);
    if (world_.random.Chance(500) && slot.payload_bytes > 0) {
      *arena_.Payload(lane_.direction, lane_.index, slot.payload_position) ^= 1;
    } else {
      slot.correlation_id ^= 1;
    }
    return Done(Count::kAttackDelivered, kEquivocation, 0);
  }

  bool SpoilLaneTable() {
    const uint32_t row = (lane_.direction == Direction::kChipToHost ? world_.knobs.lanes : 0) + lane_.index;
    auto* table =
        reinterpret_cast<l3_lane_entry*>(arena_.memory().data() + arena_.channel().offset() + L3_LANE_TABLE_AT);
    if (world_.random.Chance(500)) {
      table[row].offset += L3_PAGE_BYTES;
      return Done(Count::kAttackLaneTable, kGeometry, 2);
    }
    table[row].generation += 1;
    return Done(Count::kAttackLaneTable, kGeometry, 1);  // a restart puts it right
  }

  bool Done(Count count, uint32_t poisons, int detectable) {
    oracle_.Attacked(lane_, poisons, detectable);
    world_.Tally(count, "attack", static_cast<uint64_t>(lane_.direction), lane_.index, poisons);
    return true;
  }

  World& world_;
  SimArena& arena_;
  Oracle& oracle_;
  LaneTruth& lane_;
  l3_producer_line& producer_;
  l3_consumer_line& consumer_;
};

}  // namespace

bool Attack(World& world, SimArena& arena, Oracle& oracle, LaneTruth& lane) {
  Attacker attacker(world, arena, oracle, lane);
  return lane.direction == Direction::kChipToHost ? attacker.OnChipsLane() : attacker.OnHostsLane();
}

}  // namespace l3link::simulation
