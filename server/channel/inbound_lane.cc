#include "server/channel/inbound_lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

InboundLane::InboundLane(LaneProducer* producer, const HeldLane& held, const SendWindow& window,
                         uint64_t max_frame_bytes)
    : producer_(producer),
      held_(held),
      window_(window),
      limits_{producer->geometry().max_message_bytes, max_frame_bytes},
      next_sequence_(producer->published()),
      told_published_(producer->published()),
      told_published_bytes_(producer->published_bytes()),
      told_consumed_(producer->consumed()) {}

void InboundLane::Leave() {
  if (producer_->reserved()) producer_->AbandonReserved();
}

absl::Status InboundLane::Health() const {
  if (producer_->poison().has_value()) {
    return PoisonRefusal(held_.record->key(), *producer_->poison(), producer_->published());
  }
  return absl::OkStatus();
}

absl::Status InboundLane::CheckWindow(uint64_t messages, uint64_t bytes) const {
  const uint64_t all_messages = unpublished_messages_ + messages;
  const uint64_t all_bytes = unpublished_bytes_ + bytes;
  if (all_messages <= window_.messages && all_bytes <= window_.bytes) return absl::OkStatus();
  return Refuse(Reason::kWINDOW_EXCEEDED,
                absl::StrCat(held_.Label(), ": ", all_messages, " messages of ", all_bytes,
                             " bytes sent and not yet published > send_window of ", window_.messages, " messages, ",
                             window_.bytes, " bytes"),
                {{"window_messages", absl::StrCat(window_.messages)}, {"window_bytes", absl::StrCat(window_.bytes)}});
}

absl::Status InboundLane::CheckFragmentOrder(const v1::Fragment& fragment, uint64_t sequence) const {
  const uint64_t expected = in_fragments_ ? fragment_received_ : 0;
  if (in_fragments_ && fragment.total_bytes() != fragment_total_) {
    return Refuse(Reason::kMALFORMED_FRAME, absl::StrCat("fragment: message ", sequence, " began with total_bytes ",
                                                         fragment_total_, ", now ", fragment.total_bytes()));
  }
  if (fragment.offset() == expected) return absl::OkStatus();
  return Refuse(Reason::kMALFORMED_FRAME, absl::StrCat("fragment: message ", sequence, " goes on at offset ", expected,
                                                       ", not at ", fragment.offset()));
}

absl::Status InboundLane::CheckWhole() const {
  if (!in_fragments_) return absl::OkStatus();
  return Refuse(Reason::kMALFORMED_FRAME, absl::StrCat(held_.Label(), ": message ", next_sequence_, " is not whole: ",
                                                       fragment_received_, " of ", fragment_total_, " bytes came"));
}

absl::Status InboundLane::OnLastFrame() {
  more_follow_ = false;
  return CheckWhole();
}

// How many of the frame's first messages are already accepted; or why the frame does not go on where the lane stands.
absl::Status InboundLane::CheckSequence(const v1::Messages& frame, const FrameShape& shape,
                                        uint64_t* duplicates) const {
  const uint64_t first = frame.unsequenced() ? next_sequence_ : frame.first_sequence();
  if (first > next_sequence_) {
    return Refuse(Reason::kSEQUENCE_GAP,
                  absl::StrCat(held_.Label(), ": first_sequence ", first, " where ", next_sequence_, " is next"),
                  {{"expected", absl::StrCat(next_sequence_)}, {"first_sequence", absl::StrCat(first)}});
  }
  *duplicates = std::min(next_sequence_ - first, shape.count);
  if (*duplicates == shape.count) return absl::OkStatus();
  if (shape.form == FrameForm::kFragment) return CheckFragmentOrder(frame.fragment(), next_sequence_);
  return CheckWhole();
}

absl::Status InboundLane::Accept(v1::Messages& frame, FramePayload& payload) {
  absl::StatusOr<FrameShape> shape = CheckFrame(frame, payload, limits_);
  if (!shape.ok()) return shape.status();
  if (!held_.current()) return StaleEpochRefusal(held_);
  more_follow_ = frame.more_follow();
  uint64_t duplicates = 0;
  if (absl::Status status = CheckSequence(frame, *shape, &duplicates); !status.ok()) return status;
  if (duplicates > 0) duplicate_seen_ = true;
  if (duplicates == shape->count) return Health();

  FrameCursor cursor;
  uint64_t bytes = shape->payload_bytes;
  for (uint64_t i = 0; i < duplicates; ++i) {
    bytes -= frame.has_packed() ? frame.packed().sizes(static_cast<int>(i))
                                : cursor.At(frame, payload, &scratch_).payload.size();
    cursor.Next(frame, payload);
  }
  const bool fragment = shape->form == FrameForm::kFragment;
  const bool begins = fragment && !in_fragments_;
  const uint64_t messages = fragment ? (begins ? 1 : 0) : shape->count - duplicates;
  if (absl::Status status = CheckWindow(messages, bytes); !status.ok()) return status;

  unpublished_messages_ += messages;
  unpublished_bytes_ += bytes;
  if (fragment) {
    fragment_total_ = frame.fragment().total_bytes();
    fragment_received_ = (begins ? 0 : fragment_received_) + bytes;
    in_fragments_ = fragment_received_ < fragment_total_;
    if (!in_fragments_) ++next_sequence_;
  } else {
    next_sequence_ += messages;
  }
  if (!parked_.empty() || !Apply(frame, payload, *shape, &cursor)) {
    parked_.Push({});
    parked_.back().frame.Swap(&frame);
    parked_.back().payload = std::move(payload);
    parked_.back().shape = *shape;
    parked_.back().cursor = cursor;
  }
  Publish();
  return Health();
}

absl::Status InboundLane::Pump() {
  if (!held_.current()) return StaleEpochRefusal(held_);
  while (!parked_.empty()) {
    Parked& first = parked_.front();
    if (!Apply(first.frame, first.payload, first.shape, &first.cursor)) break;
    parked_.Pop();
  }
  Publish();
  return Health();
}

// Before the chip is asked to ring for room, it must see everything that there is to take.
LaneResult InboundLane::StageOrLook(const OutgoingMessage& message) {
  LaneResult result = producer_->Stage(message);
  if (result != LaneResult::kFull) return result;
  Publish();
  if (producer_->LookForRoom() != LaneResult::kOk) return LaneResult::kPoisoned;
  return producer_->Stage(message);
}

LaneResult InboundLane::ReserveOrLook(const MessageHeader& header) {
  LaneResult result = producer_->Reserve(header.route, header.correlation_id, header.payload_bytes, &place_);
  if (result != LaneResult::kFull) return result;
  Publish();
  if (producer_->LookForRoom() != LaneResult::kOk) return LaneResult::kPoisoned;
  return producer_->Reserve(header.route, header.correlation_id, header.payload_bytes, &place_);
}

bool InboundLane::ApplyFragment(const v1::Fragment& fragment, const FramePayload& payload) {
  if (!producer_->reserved()) {
    MessageHeader header;
    header.route = fragment.route();
    header.correlation_id = fragment.correlation_id();
    header.payload_bytes = static_cast<uint32_t>(fragment.total_bytes());
    if (ReserveOrLook(header) != LaneResult::kOk) return false;
    placed_bytes_ = 0;
  }
  payload.Copy({}, payload.size(), place_.data() + placed_bytes_);
  placed_bytes_ += payload.size();
  if (placed_bytes_ == place_.size()) {
    producer_->CommitReserved();
    unpublished_bytes_ -= placed_bytes_;
    --unpublished_messages_;
  }
  return true;
}

bool InboundLane::Apply(const v1::Messages& frame, const FramePayload& payload, const FrameShape& shape,
                        FrameCursor* cursor) {
  if (shape.form == FrameForm::kFragment) return ApplyFragment(frame.fragment(), payload);
  while (cursor->index() < shape.count) {
    if (shape.form == FrameForm::kPacked) {
      const StagedRun staged = producer_->StageRun(cursor->RunAt(frame, payload));
      cursor->Skip(staged, payload);
      unpublished_bytes_ -= staged.bytes;
      unpublished_messages_ -= staged.count;
      if (cursor->index() == shape.count) break;
    }
    if (!ApplyOne(frame, payload, *cursor)) return false;
    cursor->Next(frame, payload);
  }
  return true;
}

bool InboundLane::ApplyOne(const v1::Messages& frame, const FramePayload& payload, const FrameCursor& cursor) {
  uint64_t bytes = 0;
  if (cursor.InPieces(frame, payload)) {
    if (ReserveOrLook(cursor.HeaderOf(frame)) != LaneResult::kOk) return false;
    cursor.CopyPieces(frame, payload, place_.data());
    producer_->CommitReserved();
    bytes = place_.size();
  } else {
    const OutgoingMessage message = cursor.At(frame, payload, &scratch_);
    if (StageOrLook(message) != LaneResult::kOk) return false;
    bytes = message.payload.size();
  }
  unpublished_bytes_ -= bytes;
  --unpublished_messages_;
  return true;
}

void InboundLane::Publish() {
  producer_->Publish();
  held_.record->Published(producer_->published());
}

absl::Status InboundLane::LookForConsumed() {
  if (producer_->LookForRoom() != LaneResult::kOk) return Health();
  return absl::OkStatus();
}

bool InboundLane::published_much() const {
  return (parked_.empty() && !more_follow_) || duplicate_seen_ ||
         published() - told_published_ >= window_.messages / 4 ||
         producer_->published_bytes() - told_published_bytes_ >= window_.bytes / 4;
}

void InboundLane::FillProgress(v1::Progress* progress) {
  duplicate_seen_ = false;
  told_published_ = producer_->published();
  told_published_bytes_ = producer_->published_bytes();
  told_consumed_ = producer_->consumed();
  progress->set_published(told_published_);
  progress->set_consumed(told_consumed_);
}

}  // namespace l3link
