#include "tests/simulation/sim_chip.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace l3link::simulation {
namespace {

// What a consumer's note holds for this program: the answered messages, and where the answers' lane will be then.
enum Note { kNoteAnswered = 0, kNoteReplyTail = 1, kNoteReplyLane = 2 };

}  // namespace

SimChip::SimChip(World* world, SimArena* arena, Oracle* oracle)
    : world_(*world), arena_(*arena), oracle_(*oracle), lanes_(world->knobs.lanes) {
  Attach();
}

void SimChip::Attach() {
  l3_platform platform = {};
  platform.now_us = [](void*) -> uint64_t { return 1; };
  platform.wake = [](void*, uint32_t*) {};
  platform.shared_rmw = 1;
  if (l3_attach(&chip_, arena_.memory().data(), arena_.memory().size(), &platform) != L3_OK) {
    return world_.Fail("the chip cannot attach");
  }
  up_ = true;
  l3_object object;
  if (l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "c", &object) != L3_OK ||
      l3_channel_open(&chip_, &object, &channel_) != L3_OK) {
    return world_.Fail("the chip does not find its channel");
  }
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].in_open = lanes_[i].out_open = false;
    Open(i);
  }
}

void SimChip::Detach() {
  l3_detach(&chip_);
  up_ = false;
}

void SimChip::Open(uint32_t pair) {
  Pair& lane = lanes_[pair];
  // An attacked lane's words mean nothing.
  lane.shunned =
      oracle_.lane(Direction::kHostToChip, pair).attacked || oracle_.lane(Direction::kChipToHost, pair).attacked;
  if (lane.shunned) return;
  if (!lane.out_open) lane.out_open = l3_sender_open(&channel_, pair, &lane.out) == L3_OK;
  if (lane.in_open) return;
  lane.in_open = l3_receiver_open(&channel_, pair, &lane.in) == L3_OK;
  if (!lane.in_open || !lane.out_open) return world_.Fail(absl::StrCat("the chip cannot open pair ", pair));
  FinishPredecessorsWork(&lane);
}

void SimChip::FinishPredecessorsWork(Pair* lane) {
  uint64_t* note = lane->in.lane.consumer->note;
  const uint64_t answered = note[kNoteAnswered];
  const bool published =
      note[kNoteReplyLane] == lane->out.lane.lane_generation && lane->out.published >= note[kNoteReplyTail];
  if (published && answered > lane->in.released && l3_receiver_look(&lane->in) == L3_OK && answered <= lane->in.tail) {
    lane->in.taken = answered;
    l3_release(&lane->in, answered - lane->in.released);
  }
  l3_store_release_u64(&note[kNoteAnswered], 0);
}

void SimChip::Follow() {
  uint64_t version;
  if (!l3_directory_changed(&chip_, &version)) return;
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    Pair& lane = lanes_[i];
    if (lane.in_open && l3_lane_closed(&lane.in.lane)) lane.in_open = false;
    if (lane.out_open && l3_lane_closed(&lane.out.lane)) lane.out_open = false;
    if (!lane.in_open || !lane.out_open || lane.shunned) Open(i);
  }
  l3_directory_acknowledge(&chip_, version);
}

void SimChip::Work(uint32_t pair, uint32_t most) {
  Follow();
  Pair& lane = lanes_[pair];
  if (lane.shunned) return;
  uint32_t count = 0;
  int code = L3_OK;
  while (count < most) {
    l3_message message;
    uint8_t* place;
    if ((code = l3_take(&lane.in, &message)) != L3_OK) break;
    if ((code = l3_reserve(&lane.out, message.payload_bytes, &place)) != L3_OK) {
      l3_untake(&lane.in, 1);
      break;
    }
    std::memcpy(place, message.payload, message.payload_bytes);
    l3_stage(&lane.out, message.correlation_id, message.route);
    ++count;
  }
  if (code != L3_OK && code != L3_AGAIN) {
    return world_.Fail(absl::StrCat("the chip finds pair ", pair, " broken: ", l3_code_text(code)));
  }
  if (count > 0) {
    uint64_t* note = lane.in.lane.consumer->note;
    note[kNoteReplyTail] = lane.out.staged;
    note[kNoteReplyLane] = lane.out.lane.lane_generation;
    l3_store_release_u64(&note[kNoteAnswered], lane.in.taken);
    l3_publish(&lane.out);
    l3_release(&lane.in, count);
  }
  // As before it goes to sleep: the host is asked to ring.
  if (l3_receiver_look(&lane.in) == L3_OK && code == L3_AGAIN) l3_sender_look(&lane.out);
}

void SimChip::WorkAndDie(uint32_t pair, uint32_t most) {
  Follow();
  if (!lanes_[pair].shunned) {
    uint64_t& head = arena_.ConsumerLine(Direction::kHostToChip, pair).head;
    uint64_t& tail = arena_.ProducerLine(Direction::kChipToHost, pair).tail;
    const uint64_t head_before = head, tail_before = tail;
    Work(pair, most);
    if (head != head_before) {
      const bool published = world_.random.Chance(500);
      head = head_before;
      if (!published) tail = tail_before;
      world_.Tally(published ? Count::kChipCrashBeforeRelease : Count::kChipCrashBeforePublish, "amid its work", pair);
    }
  }
  world_.Tally(Count::kChipCrash, "chip dies");
  up_ = false;
}

}  // namespace l3link::simulation
