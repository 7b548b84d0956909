#include "backends/host/lane_consumer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/abi/fetch_ahead.h"
#include "backends/host/lane_descriptor.h"
#include "backends/host/payload_crc.h"

namespace l3link {

LaneConsumer::LaneConsumer(std::byte* base, const LaneGeometry& geometry, HostBell* bell, LaneJournal* journal)
    : producer_(reinterpret_cast<l3_producer_line*>(base)),
      consumer_(reinterpret_cast<l3_consumer_line*>(base + L3_LANE_CONSUMER_AT)),
      descriptors_(reinterpret_cast<l3_descriptor*>(base + L3_LANE_DESCRIPTORS_AT)),
      ring_(base + l3_lane_ring_at(geometry.lane_depth)),
      geometry_(geometry),
      slot_mask_(2 * uint64_t{geometry.lane_depth} - 1),
      places_(geometry.ring_bytes, geometry.alignment),
      bell_(bell),
      journal_(journal),
      slots_(2 * size_t{geometry.lane_depth}) {}

bool LaneConsumer::ArenaGone() {
  if (!bell_->arena_gone()) return false;
  SetPoison(PoisonReason::kArenaGone, "the arena's memory was lost");
  return true;
}

LaneResult LaneConsumer::Look() {
  l3_look(&producer_->rung, &consumer_->seen, &seen_);
  return Poll();
}

LaneResult LaneConsumer::Poll() {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  if (published_ == delivered_) {  // the next message comes together with the tail that tells of it
    l3_fetch_to_read(&descriptors_[delivered_ & slot_mask_]);
    l3_fetch_to_read(ring_ + places_.PlaceOf(l3_align_up(EndBefore(delivered_), geometry_.alignment)));
  }
  // Acquire: slots and payloads below are whole; pairs with the chip's release of tail (l3_publish).
  const uint64_t tail = l3_load_acquire_u64(&producer_->tail);
  if (ArenaGone()) return LaneResult::kPoisoned;
  if (tail < published_ || tail - acked_ > geometry_.lane_depth) {
    SetPoison(PoisonReason::kTailRange,
              tail < published_
                  ? absl::StrCat("tail ", tail, " < ", published_, ", where it was before")
                  : absl::StrCat("tail ", tail, " > head ", acked_, " + lane_depth ", geometry_.lane_depth));
    return LaneResult::kPoisoned;
  }
  published_ = tail;
  return published_ > delivered_ ? LaneResult::kOk : LaneResult::kEmpty;
}

std::string LaneConsumer::DescriptorFault(const l3_descriptor& descriptor) {
  if (descriptor.sequence != delivered_) return absl::StrCat("sequence ", descriptor.sequence, " != ", delivered_);
  if (descriptor.payload_bytes > geometry_.max_message_bytes) {
    return absl::StrCat("payload_bytes ", descriptor.payload_bytes, " > max_message_bytes ",
                        geometry_.max_message_bytes);
  }
  const uint64_t position = places_.PositionAfter(EndBefore(delivered_), descriptor.payload_bytes);
  if (descriptor.payload_position != position) {
    return absl::StrCat("payload_position ", descriptor.payload_position, " != ", position);
  }
  if (position + descriptor.payload_bytes - EndBefore(acked_) > geometry_.ring_bytes) {
    return absl::StrCat("payload ends at ", position + descriptor.payload_bytes, ", more than ring_bytes ",
                        geometry_.ring_bytes, " behind ", EndBefore(acked_));
  }
  if (descriptor.flags != 0) return absl::StrCat("flags ", descriptor.flags, " != 0");
  if (!geometry_.checksum && descriptor.crc32c != 0)
    return absl::StrCat("crc32c ", descriptor.crc32c, " without checksums");
  for (uint64_t word : descriptor.reserved) {
    if (word != 0) return absl::StrCat("reserved word ", word, " != 0");
  }
  return "";
}

LaneResult LaneConsumer::Equivocated(absl::string_view what) {
  SetPoison(PoisonReason::kEquivocation,
            absl::StrCat("message ", delivered_, ": ", what, " changed after it was delivered"));
  return LaneResult::kPoisoned;
}

LaneResult LaneConsumer::Next(MessageHeader* header) {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  if (delivered_ == published_) return LaneResult::kEmpty;
  Slot& slot = SlotOf(delivered_);
  const bool redelivered = delivered_ < delivered_ever_;
  if (!next_checked_) {
    const l3_descriptor descriptor = LoadDescriptor(descriptors_[delivered_ & slot_mask_]);
    if (published_ - delivered_ > L3_AHEAD_MESSAGES) {
      l3_fetch_to_read(&descriptors_[(delivered_ + L3_AHEAD_MESSAGES) & slot_mask_]);
    }
    if (ArenaGone()) return LaneResult::kPoisoned;
    const uint32_t digest = DigestDescriptor(0, descriptor);
    if (redelivered && digest != slot.descriptor_digest) return Equivocated("its descriptor");
    std::string fault = DescriptorFault(descriptor);
    if (!fault.empty()) {
      SetPoison(PoisonReason::kDescriptor, absl::StrCat("message ", delivered_, ": ", fault));
      return LaneResult::kPoisoned;
    }
    if (!redelivered) {
      slot = {descriptor.payload_position,
              descriptor.payload_position + descriptor.payload_bytes,
              descriptor.correlation_id,
              descriptor.route,
              descriptor.payload_bytes,
              digest,
              0};
    }
    expected_crc_ = descriptor.crc32c;
    copied_bytes_ = 0;
    copied_crc_ = 0;
    next_checked_ = true;
  }
  *header = {delivered_, slot.correlation_id, slot.route, slot.payload_bytes, redelivered};
  return LaneResult::kOk;
}

LaneResult LaneConsumer::CopyNext(absl::Span<std::byte> out) {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  Slot& slot = SlotOf(delivered_);
  if (!out.empty()) {
    const uint64_t place = places_.PlaceOf(slot.position);
    if (published_ - delivered_ > L3_AHEAD_MESSAGES) {
      l3_fetch_payload_ahead(reinterpret_cast<uint8_t*>(ring_), geometry_.ring_bytes, place, slot.payload_bytes,
                             l3_fetch_to_read);
    }
    std::memcpy(out.data(), ring_ + place + copied_bytes_, out.size());
    // Of the copy: the ring may say something else by now.
    copied_crc_ = ExtendPayloadCrc(copied_crc_, out);
    copied_bytes_ += out.size();
  }
  if (ArenaGone()) return LaneResult::kPoisoned;
  if (copied_bytes_ < slot.payload_bytes) return LaneResult::kOk;
  if (delivered_ < delivered_ever_ && copied_crc_ != slot.payload_digest) return Equivocated("its payload");
  if (geometry_.checksum && copied_crc_ != expected_crc_) {
    SetPoison(PoisonReason::kChecksum, absl::StrCat("message ", delivered_, ": CRC-32C of the payload is ", copied_crc_,
                                                    ", its descriptor says ", expected_crc_));
    return LaneResult::kPoisoned;
  }
  slot.payload_digest = copied_crc_;
  return LaneResult::kOk;
}

void LaneConsumer::Advance() {
  if (delivered_ == delivered_ever_) {
    const Slot& slot = SlotOf(delivered_);
    journal_->SetDigest(delivered_, uint64_t{slot.descriptor_digest} << 32 | slot.payload_digest);
    ++delivered_ever_;
    delivered_bytes_ += slot.payload_bytes;
  }
  ++delivered_;
  next_checked_ = false;
}

void LaneConsumer::JournalDelivered() {
  if (delivered_ever_ == journal_->hot().reached.count || delivered_ever_ == acked_) return;
  journal_->Deliver({delivered_ever_, SlotOf(delivered_ever_ - 1).end}, delivered_bytes_);
}

void LaneConsumer::Rewind(uint64_t sequence) {
  delivered_ = std::clamp(sequence, acked_, delivered_);
  next_checked_ = false;
}

uint64_t LaneConsumer::BytesThrough(uint64_t sequence) {
  uint64_t bytes = delivered_bytes_;
  for (; sequence < delivered_ever_; ++sequence) bytes -= SlotOf(sequence).payload_bytes;
  return bytes;
}

bool LaneConsumer::Ack(uint64_t through) {
  if (through > delivered_) return false;
  if (through <= acked_ || poison_.has_value()) return true;
  journal_->Ack({through, SlotOf(through - 1).end},
                through > journal_->hot().reached.count ? BytesThrough(through) : 0);
  acked_ = through;
  // Release: our reads below are over; pairs with the chip's acquire of head (l3_sender_poll).
  l3_store_release_u64(&consumer_->head, acked_);
  bell_->Ring(&consumer_->rung, &rung_, &producer_->seen);
  return true;
}

LaneResult LaneConsumer::PeekAt(uint64_t sequence, MessageHeader* header, std::string* payload) const {
  if (sequence < acked_ || sequence >= published_) return LaneResult::kEmpty;
  const l3_descriptor descriptor = LoadDescriptor(descriptors_[sequence & slot_mask_]);
  const uint64_t place = descriptor.payload_position % geometry_.ring_bytes;
  if (descriptor.sequence != sequence || descriptor.payload_bytes > geometry_.max_message_bytes ||
      place + descriptor.payload_bytes > geometry_.ring_bytes) {
    return LaneResult::kPoisoned;
  }
  *header = {sequence, descriptor.correlation_id, descriptor.route, descriptor.payload_bytes,
             sequence < delivered_ever_};
  payload->assign(reinterpret_cast<const char*>(ring_ + place), descriptor.payload_bytes);
  return LaneResult::kOk;
}

bool LaneConsumer::NoticeRing() {
  const uint32_t rung = l3_load_acquire_u32(&producer_->rung);  // pairs with the chip's release in l3_ring
  return std::exchange(noticed_, rung) != rung;
}

bool LaneConsumer::CheckOwnWords() {
  if (poison_.has_value()) return false;
  const uint64_t head = l3_load_relaxed_u64(&consumer_->head);
  const uint32_t rung = l3_load_relaxed_u32(&consumer_->rung);
  const uint32_t seen = l3_load_relaxed_u32(&consumer_->seen);
  if (head == acked_ && rung == rung_ && seen == seen_) return true;
  SetPoison(PoisonReason::kGeometry,
            absl::StrCat("the host's line of the lane was changed: head ", head, ", rung ", rung, ", seen ", seen,
                         " instead of ", acked_, ", ", rung_, ", ", seen_));
  return false;
}

void LaneConsumer::SetPoison(PoisonReason reason, std::string evidence) {
  if (poison_.has_value()) return;
  poison_ = Poison{reason, std::move(evidence)};
  journal_->SetPoison(static_cast<int>(reason));
}

}  // namespace l3link
