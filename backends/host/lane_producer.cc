#include "backends/host/lane_producer.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/abi/crc32c.h"
#include "backends/host/lane_descriptor.h"

namespace l3link {

LaneProducer::LaneProducer(std::byte* base, const LaneGeometry& geometry, HostBell* bell, LaneJournal* journal)
    : producer_(reinterpret_cast<l3_producer_line*>(base)),
      consumer_(reinterpret_cast<l3_consumer_line*>(base + L3_LANE_CONSUMER_AT)),
      descriptors_(reinterpret_cast<l3_descriptor*>(base + L3_LANE_DESCRIPTORS_AT)),
      ring_(base + l3_lane_ring_at(geometry.lane_depth)),
      geometry_(geometry),
      slot_mask_(2 * uint64_t{geometry.lane_depth} - 1),
      bell_(bell),
      journal_(journal),
      slots_(2 * size_t{geometry.lane_depth}) {}

bool LaneProducer::HasRoom(uint64_t end) const {
  uint64_t freed_end = consumed_ == 0 ? 0 : SlotOf(consumed_ - 1).end;
  return staged_ - consumed_ < geometry_.lane_depth && end - freed_end <= geometry_.ring_bytes;
}

absl::optional<uint64_t> LaneProducer::PlaceFor(uint32_t payload_bytes) {
  uint64_t previous_end = staged_ == 0 ? 0 : SlotOf(staged_ - 1).end;
  uint64_t position = l3_payload_position(previous_end, payload_bytes, geometry_.ring_bytes, geometry_.alignment);
  if (HasRoom(position + payload_bytes)) return position;
  // Only now touch the chip's line: while there is room by the last poll, its cache line stays with the chip.
  if (PollConsumed() == LaneResult::kOk && HasRoom(position + payload_bytes)) return position;
  return absl::nullopt;
}

void LaneProducer::WriteDescriptor(uint64_t position, uint32_t payload_bytes, uint32_t route, uint64_t correlation_id) {
  const std::byte* payload = ring_ + position % geometry_.ring_bytes;
  SlotOf(staged_) = {position, position + payload_bytes, correlation_id, route, payload_bytes};
  l3_descriptor descriptor = {};
  descriptor.sequence = staged_;
  descriptor.correlation_id = correlation_id;
  descriptor.payload_position = position;
  descriptor.payload_bytes = payload_bytes;
  descriptor.route = route;
  descriptor.crc32c = geometry_.checksum ? l3_crc32c(payload, payload_bytes) : 0;
  // Plain stores: nobody looks here before Publish's release.
  std::memcpy(&descriptors_[staged_ & slot_mask_], &descriptor, sizeof(descriptor));
  staged_digest_ = DigestDescriptor(staged_digest_, descriptor);
  ++staged_;
  staged_bytes_ += payload_bytes;
}

LaneResult LaneProducer::Stage(const OutgoingMessage& message) {
  absl::Span<std::byte> place;
  LaneResult result =
      Reserve(message.route, message.correlation_id, static_cast<uint32_t>(message.payload.size()), &place);
  if (result != LaneResult::kOk) return result;
  if (!message.payload.empty()) std::memcpy(place.data(), message.payload.data(), message.payload.size());
  CommitReserved();
  return LaneResult::kOk;
}

LaneResult LaneProducer::Reserve(uint32_t route, uint64_t correlation_id, uint32_t payload_bytes,
                                 absl::Span<std::byte>* place) {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  absl::optional<uint64_t> position = PlaceFor(payload_bytes);
  if (poison_.has_value()) return LaneResult::kPoisoned;
  if (!position.has_value()) {
    ++full_count_;
    return LaneResult::kFull;
  }
  reservation_ = Reservation{*position, payload_bytes, route, correlation_id};
  *place = absl::MakeSpan(ring_ + *position % geometry_.ring_bytes, payload_bytes);
  return LaneResult::kOk;
}

void LaneProducer::CommitReserved() {
  const Reservation reservation = *std::exchange(reservation_, absl::nullopt);
  WriteDescriptor(reservation.position, reservation.payload_bytes, reservation.route, reservation.correlation_id);
}

void LaneProducer::AbandonReserved() { reservation_.reset(); }

void LaneProducer::Publish() {
  if (published_ == staged_ || poison_.has_value()) return;
  const LanePosition position{staged_, SlotOf(staged_ - 1).end};
  journal_->Intend(position, std::exchange(staged_digest_, 0));
  published_ = staged_;
  published_bytes_ = staged_bytes_;
  // Release: publishes the slots and payloads below; pairs with the chip's acquire of tail (l3_receiver_look).
  l3_store_release_u64(&producer_->tail, published_);
  journal_->Commit(position, published_bytes_);
  bell_->Ring(&producer_->rung, &rung_, &consumer_->seen);
  (void)ArenaGone();  // what was published is in nobody's ring then: the poison says so before a report can
}

bool LaneProducer::ArenaGone() {
  if (!bell_->arena_gone()) return false;
  SetPoison(PoisonReason::kArenaGone, "the arena's memory was lost");
  return true;
}

LaneResult LaneProducer::PollConsumed() {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  // Acquire: the chip's reads of what it gave back are over; pairs with its release of head (l3_release).
  const uint64_t head = l3_load_acquire_u64(&consumer_->head);
  if (ArenaGone()) return LaneResult::kPoisoned;
  if (head < consumed_ || head > published_) {
    SetPoison(PoisonReason::kHeadRange, head < consumed_
                                            ? absl::StrCat("head ", head, " < ", consumed_, ", where it was before")
                                            : absl::StrCat("head ", head, " > tail ", published_));
    return LaneResult::kPoisoned;
  }
  consumed_ = head;
  return LaneResult::kOk;
}

LaneResult LaneProducer::LookForRoom() {
  l3_look(&consumer_->rung, &producer_->seen, &seen_);
  return PollConsumed();
}

bool LaneProducer::NoticeRing() {
  const uint32_t rung = l3_load_acquire_u32(&consumer_->rung);  // pairs with the chip's release in l3_ring
  return std::exchange(noticed_, rung) != rung;
}

bool LaneProducer::CheckOwnWords() {
  if (poison_.has_value()) return false;
  const uint64_t tail = l3_load_relaxed_u64(&producer_->tail);
  const uint32_t rung = l3_load_relaxed_u32(&producer_->rung);
  const uint32_t seen = l3_load_relaxed_u32(&producer_->seen);
  if (tail == published_ && rung == rung_ && seen == seen_) return true;
  SetPoison(PoisonReason::kGeometry,
            absl::StrCat("the host's line of the lane was changed: tail ", tail, ", rung ", rung, ", seen ", seen,
                         " instead of ", published_, ", ", rung_, ", ", seen_));
  return false;
}

void LaneProducer::SetPoison(PoisonReason reason, std::string evidence) {
  if (poison_.has_value()) return;
  poison_ = Poison{reason, std::move(evidence)};
  journal_->SetPoison(static_cast<int>(reason));
}

LaneResult LaneProducer::PeekAt(uint64_t sequence, MessageHeader* header, absl::Span<const std::byte>* payload) const {
  if (sequence < consumed_ || sequence >= published_) return LaneResult::kEmpty;
  const Slot& slot = SlotOf(sequence);
  *header = {sequence, slot.correlation_id, slot.route, slot.payload_bytes, false};
  *payload = absl::MakeConstSpan(ring_ + slot.position % geometry_.ring_bytes, slot.payload_bytes);
  return LaneResult::kOk;
}

}  // namespace l3link
