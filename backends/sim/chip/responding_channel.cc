#include "backends/sim/chip/responding_channel.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"
#include "backends/abi/chip_wait.h"

namespace l3link {
namespace {

// A lane's share of a turn.
constexpr uint32_t kBatchMessages = 32;
constexpr uint64_t kBatchBytes = 1 << 20;

// What a consumer's note holds for this program.
enum Note { kNoteAnswered = 0, kNoteReplyTail = 1, kNoteReplyLane = 2 };

}  // namespace

RespondingChannel::RespondingChannel(const l3_channel& channel, std::unique_ptr<Responder> responder, Faults* faults)
    : channel_(channel),
      responder_(std::move(responder)),
      faults_(faults),
      in_(l3_lane_count(&channel, L3_HOST_TO_CHIP)),
      hot_until_us_(in_.size()),
      out_(l3_lane_count(&channel, L3_CHIP_TO_HOST)) {
  OpenLanes();
}

RespondingChannel::OutLane* RespondingChannel::ReplyLane(uint32_t lane) {
  return out_.empty() ? nullptr : &out_[lane % out_.size()];
}

void RespondingChannel::OpenLanes() {
  for (uint32_t lane = 0; lane < out_.size(); ++lane)
    if (!out_[lane].open) out_[lane].open = l3_sender_open(&channel_, lane, &out_[lane].sender) == L3_OK;
  for (uint32_t lane = 0; lane < in_.size(); ++lane) {
    InLane& in = in_[lane];
    if (in.open) continue;
    l3_receiver receiver;
    const int code = l3_receiver_open(&channel_, lane, &receiver);
    if (code != L3_OK || receiver.lane.lane_generation == in.broken_generation) continue;
    in = InLane{};
    in.receiver = receiver;
    in.open = true;
    FinishPredecessorsWork(&in, ReplyLane(lane));
  }
}

void RespondingChannel::FinishPredecessorsWork(InLane* in, const OutLane* out) {
  l3_receiver* receiver = &in->receiver;
  uint64_t* note = receiver->lane.consumer->note;
  const uint64_t answered = l3_load_relaxed_u64(&note[kNoteAnswered]);
  const bool published = out != nullptr && out->open &&
                         l3_load_relaxed_u64(&note[kNoteReplyLane]) == out->sender.lane.lane_generation &&
                         out->sender.published >= l3_load_relaxed_u64(&note[kNoteReplyTail]);
  if (published && answered > receiver->released && l3_receiver_look(receiver) == L3_OK && answered <= receiver->tail) {
    receiver->taken = answered;
    l3_release(receiver, answered - receiver->released);
  }
  // Not published: those answers are lost with their author, and later ones must not be taken for them.
  l3_store_release_u64(&note[kNoteAnswered], 0);
}

bool RespondingChannel::Refresh() {
  if (!l3_object_is_current(channel_.chip, channel_.object.index, channel_.object.entry.generation)) return false;
  for (InLane& in : in_)
    if (in.open && l3_lane_closed(&in.receiver.lane)) in.open = false;
  for (OutLane& out : out_)
    if (out.open && l3_lane_closed(&out.sender.lane)) out.open = false;
  OpenLanes();
  return true;
}

void RespondingChannel::Close(InLane* in, int code) {
  in->open = false;
  if (code == L3_ECLOSED) return;  // Refresh will open it again
  in->broken_generation = in->receiver.lane.lane_generation;
  absl::FPrintF(stderr, "l3link-sim-chip: channel %s: a lane at message %d: %s; it stays untouched until it is reset\n",
                channel_.object.entry.name, in->receiver.taken, l3_code_text(code));
}

bool RespondingChannel::Work(uint64_t now_us, bool everything) {
  bool worked = false;
  const auto lanes = static_cast<uint32_t>(in_.size());
  for (uint32_t i = 0; i < lanes; ++i) {
    const uint32_t lane = first_lane_ + i < lanes ? first_lane_ + i : first_lane_ + i - lanes;
    if (!everything && now_us >= hot_until_us_[lane]) continue;
    if (!in_[lane].open || !WorkLane(lane, now_us)) continue;
    hot_until_us_[lane] = now_us + kHotUs;
    worked = true;
  }
  if (worked && ++first_lane_ == lanes) first_lane_ = 0;
  return worked;
}

int RespondingChannel::PlaceAnswer(uint32_t lane, OutLane* out, const l3_message& message, uint8_t** place) {
  *place = nullptr;
  const absl::optional<uint32_t> bytes = responder_->AnswerBytes(lane, message);
  if (!bytes.has_value() || out == nullptr) return L3_OK;
  if (!out->open) return L3_AGAIN;
  const int code = l3_reserve(&out->sender, *bytes, place);
  if (code == L3_AGAIN) {
    in_[lane].wants_room = true;
    in_[lane].wanted_bytes = *bytes;
  }
  return code == L3_E2BIG ? L3_OK : code;  // no message of this channel can hold the answer: there is none
}

bool RespondingChannel::WorkLane(uint32_t lane, uint64_t now_us) {
  InLane& in = in_[lane];
  OutLane* out = ReplyLane(lane);
  const uint32_t allowance = faults_->Allowance(kBatchMessages);
  uint64_t bytes = 0;
  uint32_t count = 0;
  int code = L3_OK;
  in.wants_room = false;
  while (count < allowance && bytes < kBatchBytes) {
    l3_message message;
    uint8_t* place;
    if ((code = l3_take(&in.receiver, &message)) != L3_OK) break;
    code = in.delay.Over(now_us, *faults_) ? PlaceAnswer(lane, out, message, &place) : L3_AGAIN;
    if (code != L3_OK) {
      l3_untake(&in.receiver, 1);
      if (code == L3_ECLOSED) code = L3_AGAIN;  // the reply lane's, not this one's
      break;
    }
    responder_->Answer(lane, message, place);
    if (place != nullptr) l3_stage(&out->sender, message.correlation_id, message.route);
    bytes += message.payload_bytes;
    ++count;
    in.delay.Done();
  }
  if (count > 0) {
    if (out != nullptr && out->open && out->sender.staged > out->sender.published) {
      uint64_t* note = in.receiver.lane.consumer->note;
      l3_store_relaxed_u64(&note[kNoteReplyTail], out->sender.staged);
      l3_store_relaxed_u64(&note[kNoteReplyLane], out->sender.lane.lane_generation);
      l3_store_release_u64(&note[kNoteAnswered], in.receiver.taken);
      l3_publish(&out->sender);  // its release keeps the note before the tail; the release below comes after both
    }
    faults_->Did(count);
    l3_release(&in.receiver, count);
  }
  if (code != L3_OK && code != L3_AGAIN) Close(&in, code);
  return count > 0;
}

bool RespondingChannel::Ready(uint64_t now_us, uint64_t* due_us) {
  if (faults_->Allowance(1) == 0) return false;
  bool ready = false;
  for (uint32_t lane = 0; lane < in_.size(); ++lane) {
    InLane& in = in_[lane];
    if (!in.open || l3_receiver_look(&in.receiver) == L3_AGAIN) continue;
    if (in.wants_room) {
      OutLane* out = ReplyLane(lane);
      l3_room_wanted room = {&out->sender, in.wanted_bytes};
      ready |= out->open && l3_room_ready(&room) == L3_OK;
    } else if (in.delay.due_us() > now_us) {
      *due_us = std::min(*due_us, in.delay.due_us());
    } else {
      ready |= out_.empty() || ReplyLane(lane)->open;
    }
  }
  return ready;
}

}  // namespace l3link
