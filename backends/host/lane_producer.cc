#include "backends/host/lane_producer.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/abi/fetch_ahead.h"
#include "backends/abi/write_descriptor.h"
#include "backends/host/lane_descriptor.h"
#include "backends/host/payload_crc.h"

namespace l3link {
namespace {

// Of a run, so much is staged at once as is found in the nearest cache at each step.
constexpr uint64_t kBytesAtOnce = 4 << 10;
constexpr uint64_t kLineBytes = 64;

}  // namespace

LaneProducer::LaneProducer(std::byte* base, const LaneGeometry& geometry, HostBell* bell, LaneJournal* journal)
    : producer_(reinterpret_cast<l3_producer_line*>(base)),
      consumer_(reinterpret_cast<l3_consumer_line*>(base + L3_LANE_CONSUMER_AT)),
      descriptors_(reinterpret_cast<l3_descriptor*>(base + L3_LANE_DESCRIPTORS_AT)),
      ring_(base + l3_lane_ring_at(geometry.lane_depth)),
      geometry_(geometry),
      slot_mask_(2 * uint64_t{geometry.lane_depth} - 1),
      bell_(bell),
      journal_(journal),
      slots_(2 * size_t{geometry.lane_depth}),
      front_{{geometry.ring_bytes, geometry.alignment}} {}

LaneResult LaneProducer::FindRoom(uint32_t payload_bytes, uint64_t* position) {
  if (poison_.has_value()) return LaneResult::kPoisoned;
  *position = front_.places.PositionAfter(front_.end, payload_bytes);
  if (HasRoom(front_, *position + payload_bytes)) return LaneResult::kOk;
  // Only now touch the chip's line: while there is room by the last poll, its cache line stays with the chip.
  if (PollConsumed() != LaneResult::kOk) return LaneResult::kPoisoned;
  if (HasRoom(front_, *position + payload_bytes)) return LaneResult::kOk;
  ++full_count_;
  return LaneResult::kFull;
}

inline void LaneProducer::Note(Front* front, uint64_t position, uint32_t payload_bytes, uint32_t route,
                               uint64_t correlation_id) {
  front->end = position + payload_bytes;
  front->bytes += payload_bytes;
  SlotOf(front->count++) = {front->end, correlation_id, route, payload_bytes};
}

// Apart from Note: stores to this process's own memory, which need not wait, would only wait behind these.
void LaneProducer::Describe(uint64_t first) {
  uint32_t digest = digest_;
  for (uint64_t sequence = first; sequence != front_.count; ++sequence) {
    const Slot& slot = SlotOf(sequence);
    const uint64_t position = slot.end - slot.payload_bytes;
    const uint32_t crc = geometry_.checksum ? CrcOf(position, slot.payload_bytes) : 0;
    const l3_descriptor descriptor = {sequence, slot.correlation_id, position, slot.payload_bytes, slot.route, 0, crc,
                                      {}};
    l3_write_descriptor(&descriptor, &descriptors_[sequence & slot_mask_]);
    digest = DigestDescriptor(digest, descriptor);
  }
  digest_ = digest;
}

uint32_t LaneProducer::CrcOf(uint64_t position, uint32_t payload_bytes) {
  return ExtendPayloadCrc(0, {ring_ + front_.places.PlaceOf(position), payload_bytes});
}

void LaneProducer::StageOne(uint64_t position, uint32_t payload_bytes, uint32_t route, uint64_t correlation_id) {
  if (front_.count - consumed_ + L3_AHEAD_MESSAGES < geometry_.lane_depth) {
    l3_fetch_to_write(&descriptors_[(front_.count + L3_AHEAD_MESSAGES) & slot_mask_]);
    l3_fetch_payload_ahead(reinterpret_cast<uint8_t*>(ring_), geometry_.ring_bytes, front_.places.PlaceOf(position),
                           payload_bytes, l3_fetch_to_write);
  }
  const uint64_t sequence = front_.count;
  Note(&front_, position, payload_bytes, route, correlation_id);
  Describe(sequence);
}

LaneResult LaneProducer::Stage(const OutgoingMessage& message) {
  const auto payload_bytes = static_cast<uint32_t>(message.payload.size());
  uint64_t position;
  const LaneResult result = FindRoom(payload_bytes, &position);
  if (result != LaneResult::kOk) return result;
  if (payload_bytes != 0) std::memcpy(ring_ + front_.places.PlaceOf(position), message.payload.data(), payload_bytes);
  StageOne(position, payload_bytes, message.route, message.correlation_id);
  return LaneResult::kOk;
}

inline void LaneProducer::FetchToWrite(uint64_t sequence, uint64_t place, uint32_t payload_bytes) const {
  l3_fetch_to_write(&descriptors_[sequence & slot_mask_]);
  if (payload_bytes > L3_AHEAD_LARGEST) return;
  for (uint64_t line = place & ~(kLineBytes - 1); line < place + payload_bytes; line += kLineBytes)
    l3_fetch_to_write(ring_ + line);
}

StagedRun LaneProducer::NoteSome(const MessageRun& run) {
  StagedRun noted;
  Front front = front_;  // in registers: no store below can be to it
  for (; noted.count < run.count && noted.bytes < kBytesAtOnce; ++noted.count) {
    const uint32_t payload_bytes = run.sizes[noted.count];
    if (payload_bytes > run.payloads.size() - noted.bytes) break;
    const uint64_t position = front.places.PositionAfter(front.end, payload_bytes);
    if (!HasRoom(front, position + payload_bytes)) break;
    FetchToWrite(front.count, front.places.PlaceOf(position), payload_bytes);
    Note(&front, position, payload_bytes, run.routes != nullptr ? run.routes[noted.count] : 0,
         run.correlation_ids != nullptr ? run.correlation_ids[noted.count] : 0);
    noted.bytes += payload_bytes;
  }
  front_ = front;
  return noted;
}

void LaneProducer::CopyPayloads(uint64_t first, const std::byte* from) {
  RingPlaces places = front_.places;
  uint64_t place = 0, bytes = 0;  // of payloads that lie one behind the other
  for (uint64_t sequence = first; sequence != front_.count; ++sequence) {
    const Slot& slot = SlotOf(sequence);
    const uint64_t at = places.PlaceOf(slot.end - slot.payload_bytes);
    if (bytes > 0 && at != place + bytes) {
      std::memcpy(ring_ + place, from, bytes);
      from += std::exchange(bytes, 0);
    }
    if (bytes == 0) place = at;
    bytes += slot.payload_bytes;
  }
  if (bytes > 0) std::memcpy(ring_ + place, from, bytes);
}

StagedRun LaneProducer::StageRun(const MessageRun& run) {
  StagedRun staged;
  if (poison_.has_value()) return staged;
  MessageRun left = run;
  for (;;) {
    const uint64_t first = front_.count;
    const StagedRun noted = NoteSome(left);
    if (noted.count == 0) return staged;
    CopyPayloads(first, left.payloads.data());
    Describe(first);
    left.RemovePrefix(noted.count, noted.bytes);
    staged.count += noted.count;
    staged.bytes += noted.bytes;
  }
}

LaneResult LaneProducer::Reserve(uint32_t route, uint64_t correlation_id, uint32_t payload_bytes,
                                 absl::Span<std::byte>* place) {
  const LaneResult result = FindRoom(payload_bytes, &reservation_.position);
  if (result != LaneResult::kOk) return result;
  reserved_ = true;
  reservation_.payload_bytes = payload_bytes;
  reservation_.route = route;
  reservation_.correlation_id = correlation_id;
  *place = absl::MakeSpan(ring_ + front_.places.PlaceOf(reservation_.position), payload_bytes);
  return LaneResult::kOk;
}

void LaneProducer::CommitReserved() {
  reserved_ = false;
  StageOne(reservation_.position, reservation_.payload_bytes, reservation_.route, reservation_.correlation_id);
}

void LaneProducer::AbandonReserved() { reserved_ = false; }

void LaneProducer::Publish() {
  if (published_ == front_.count || poison_.has_value()) return;
  const LanePosition position{front_.count, front_.end};
  journal_->Intend(position, std::exchange(digest_, 0));
  published_ = front_.count;
  published_bytes_ = front_.bytes;
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
  if (head != consumed_) SetConsumed(head);
  return LaneResult::kOk;
}

void LaneProducer::SetConsumed(uint64_t consumed) {
  consumed_ = consumed;
  freed_end_ = consumed == 0 ? 0 : SlotOf(consumed - 1).end;
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
  *payload = absl::MakeConstSpan(ring_ + (slot.end - slot.payload_bytes) % geometry_.ring_bytes, slot.payload_bytes);
  return LaneResult::kOk;
}

}  // namespace l3link
