#include "tests/hostile/attack.h"

#include <cstring>
#include <functional>
#include <map>
#include <utility>

namespace l3link {
namespace {

void RingHost(AttackedLane lane) {
  __atomic_fetch_add(&lane.out->lane.producer->rung, 1, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&lane.in->lane.consumer->rung, 1, __ATOMIC_SEQ_CST);
  l3_chip* chip = lane.channel->chip;
  __atomic_fetch_add(&chip->arena->to_host.word, 1, __ATOMIC_SEQ_CST);
  chip->platform.wake(chip->platform.context, &chip->arena->to_host.word);
}

void StoreTail(AttackedLane lane, uint64_t tail) { l3_store_release_u64(&lane.out->lane.producer->tail, tail); }
void StoreHead(AttackedLane lane, uint64_t head) { l3_store_release_u64(&lane.in->lane.consumer->head, head); }

l3_lane_entry* EntryOf(AttackedLane lane) {
  uint8_t* table = lane.channel->chip->base + lane.channel->object.entry.offset + L3_LANE_TABLE_AT;
  return reinterpret_cast<l3_lane_entry*>(table) + lane.index;
}

// Publishes one legal message of 8 bytes whose descriptor `change` has had its way with.
void PublishChanged(AttackedLane lane, const std::function<void(l3_descriptor*)>& change) {
  uint8_t* place;
  if (l3_reserve(lane.out, 8, &place) != L3_OK) return;
  memset(place, 'h', 8);
  l3_descriptor* slot = &lane.out->lane.slots[lane.out->staged & lane.out->lane.slot_mask];
  l3_stage(lane.out, 0, lane.index);
  change(slot);
  l3_publish(lane.out);
}

void ZeroRing(AttackedLane lane) {
  l3_lane& out = lane.out->lane;
  StoreTail(lane, 0);
  memset(static_cast<void*>(out.slots), 0, (out.slot_mask + uint64_t{1}) * sizeof(l3_descriptor));
  memset(out.ring, 0, out.ring_bytes);
  StoreHead(lane, 0);
}

void RewriteDelivered(AttackedLane lane) {
  const l3_descriptor& newest = lane.out->lane.slots[(lane.out->published - 1) & lane.out->lane.slot_mask];
  lane.out->lane.ring[newest.payload_position % lane.out->lane.ring_bytes] ^= 0x20;
}

void ChangeGeometry(AttackedLane lane) {
  auto* geometry = reinterpret_cast<l3_channel_geometry*>(lane.channel->chip->base + lane.channel->object.entry.offset);
  geometry->lane_depth = 1u << 20;
  geometry->max_message_bytes = 0xffffffff;
  geometry->ring_bytes = uint64_t{1} << 40;
  geometry->lane_count[0] = 1u << 16;
}

class Once : public Attack {
 public:
  explicit Once(std::function<void(AttackedLane)> deed) : deed_(std::move(deed)) {}
  void Strike(AttackedLane lane) override {
    deed_(lane);
    RingHost(lane);
  }

 private:
  const std::function<void(AttackedLane)> deed_;
};

// Legal messages whose words change to and fro while the host reads them.
class FlipFields : public Attack {
 public:
  void Strike(AttackedLane) override {}
  bool GoOn(AttackedLane lane) override {
    PublishChanged(lane, [](l3_descriptor*) {});
    l3_descriptor* slot = &lane.out->lane.slots[(lane.out->published - 1) & lane.out->lane.slot_mask];
    const l3_descriptor legal = *slot;
    for (int i = 0; i < 2000; ++i) {
      __atomic_store_n(&slot->payload_bytes, i % 2 ? 0xfffffff0u : 3u, __ATOMIC_RELAXED);
      __atomic_store_n(&slot->payload_position, legal.payload_position + (i % 2 ? 64 : ~uint64_t{63}),
                       __ATOMIC_RELAXED);
      __atomic_store_n(&slot->correlation_id, uint64_t{0}, __ATOMIC_RELAXED);
      __atomic_store_n(&slot->payload_position, legal.payload_position, __ATOMIC_RELAXED);
      __atomic_store_n(&slot->payload_bytes, legal.payload_bytes, __ATOMIC_RELAXED);
    }
    return true;
  }
};

// Rings for nothing, as fast as it can.
class DoorbellStorm : public Attack {
 public:
  void Strike(AttackedLane) override {}
  bool GoOn(AttackedLane lane) override {
    for (int i = 0; i < 200; ++i) RingHost(lane);
    return true;
  }
};

std::map<std::string, std::function<void(AttackedLane)>> Deeds() {
  return {
      {"tail-jump", [](AttackedLane lane) { StoreTail(lane, lane.out->published + lane.out->lane.lane_depth + 1); }},
      {"tail-back", [](AttackedLane lane) { StoreTail(lane, lane.out->published - 1); }},
      {"head-past", [](AttackedLane lane) { StoreHead(lane, lane.in->released + 1000); }},
      {"head-back", [](AttackedLane lane) { StoreHead(lane, lane.in->released - 2); }},
      {"geometry", ChangeGeometry},
      {"lane-entry", [](AttackedLane lane) { EntryOf(lane)->offset += L3_PAGE_BYTES; }},
      {"descriptor-size", [](AttackedLane l) { PublishChanged(l, [](auto* slot) { slot->payload_bytes = ~0u; }); }},
      {"descriptor-sequence", [](AttackedLane l) { PublishChanged(l, [](auto* slot) { slot->sequence += 1; }); }},
      {"descriptor-place", [](AttackedLane l) { PublishChanged(l, [](auto* slot) { slot->payload_position -= 64; }); }},
      {"descriptor-reserved", [](AttackedLane l) { PublishChanged(l, [](auto* slot) { slot->reserved[2] = 1; }); }},
      {"descriptor-flags", [](AttackedLane l) { PublishChanged(l, [](auto* slot) { slot->flags = 4; }); }},
      {"rewrite-delivered", RewriteDelivered},
      {"zero-ring", ZeroRing},
  };
}

}  // namespace

std::unique_ptr<Attack> MakeAttack(const std::string& name) {
  if (name == "flip-fields") return std::make_unique<FlipFields>();
  if (name == "doorbell-storm") return std::make_unique<DoorbellStorm>();
  const auto deeds = Deeds();
  const auto deed = deeds.find(name);
  return deed == deeds.end() ? nullptr : std::make_unique<Once>(deed->second);
}

std::vector<std::string> AttackNames() {
  std::vector<std::string> names = {"flip-fields", "doorbell-storm"};
  for (const auto& [name, deed] : Deeds()) names.push_back(name);
  return names;
}

}  // namespace l3link
