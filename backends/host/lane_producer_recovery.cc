// What a LaneProducer makes of a lane that an earlier daemon left: the journal says where it must stand, the ring in shared
// memory is held against that, and what does not agree is poison.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/lane_descriptor.h"
#include "backends/host/lane_producer.h"

namespace l3link {
namespace {

std::string Instead(absl::string_view what, uint64_t found, uint64_t expected) {
  return absl::StrCat(what, " ", found, " instead of ", expected);
}

}  // namespace

void LaneProducer::Recover() {
  const LaneHot& hot = journal_->hot();
  rung_ = l3_load_relaxed_u32(&producer_->rung);
  seen_ = l3_load_relaxed_u32(&producer_->seen);
  published_bytes_ = front_.bytes = hot.bytes;
  published_ = front_.count = hot.settled.count;
  if (hot.poison != 0) {
    poison_ = FormerPoison(hot.poison);
    return;
  }
  const uint64_t tail = l3_load_acquire_u64(&producer_->tail);
  const bool was_published = tail == hot.reached.count && tail > hot.settled.count;
  if (tail != hot.settled.count && !was_published) {
    return SetPoison(PoisonReason::kRecovery, absl::StrCat("tail ", tail, ", the journal has ", hot.settled.count,
                                                           " published and ", hot.reached.count, " intended"));
  }
  const LanePosition at = was_published ? hot.reached : hot.settled;
  const std::string fault = RecoveryFault(at);
  if (!fault.empty()) return SetPoison(PoisonReason::kRecovery, fault);
  if (poison_.has_value()) return;
  for (uint64_t i = published_; i < at.count; ++i) published_bytes_ += SlotOf(i).payload_bytes;
  front_.bytes = published_bytes_;
  published_ = front_.count = at.count;
  if (was_published) {
    journal_->Commit(at, published_bytes_);
  } else if (hot.reached != hot.settled) {
    journal_->Intend(hot.settled, 0);  // dropped for good: a client is told so
  }
}

std::string LaneProducer::RecoveryFault(const LanePosition& at) {
  const LaneHot& hot = journal_->hot();
  const uint64_t head = l3_load_acquire_u64(&consumer_->head);
  if (head > at.count || at.count - head > geometry_.lane_depth) {
    SetPoison(PoisonReason::kHeadRange,
              absl::StrCat("head ", head, " is not within lane_depth ", geometry_.lane_depth, " of tail ", at.count));
    return "";
  }
  std::string fault = ReadSlots(head, at);
  SetConsumed(head);
  front_.end = at.count == 0 ? 0 : SlotOf(at.count - 1).end;
  if (!fault.empty() || at == hot.settled) return fault;
  uint32_t digest = 0;
  for (uint64_t i = hot.settled.count; i < at.count; ++i)
    digest = DigestDescriptor(digest, LoadDescriptor(descriptors_[i & slot_mask_]));
  return digest == hot.digest ? "" : "what was published last is not what the journal intended";
}

// From the message before `head`, which says where the oldest payload begins, to the last one, whose end is known.
std::string LaneProducer::ReadSlots(uint64_t head, const LanePosition& at) {
  uint64_t end = 0;
  for (uint64_t i = head == 0 ? 0 : head - 1; i < at.count; ++i) {
    const l3_descriptor found = LoadDescriptor(descriptors_[i & slot_mask_]);
    if (found.sequence != i) return Instead(absl::StrCat("slot of message ", i, " has sequence"), found.sequence, i);
    if (found.payload_bytes > geometry_.max_message_bytes) {
      return absl::StrCat("message ", i, ": payload_bytes ", found.payload_bytes, " > max_message_bytes ",
                          geometry_.max_message_bytes);
    }
    const bool known_start = i == 0 || i >= head;
    const uint64_t position =
        known_start ? l3_payload_position(end, found.payload_bytes, geometry_.ring_bytes, geometry_.alignment)
                    : found.payload_position;
    const uint64_t place = position % geometry_.ring_bytes;
    if (found.payload_position != position || place + found.payload_bytes > geometry_.ring_bytes) {
      return Instead(absl::StrCat("message ", i, " has payload_position"), found.payload_position, position);
    }
    end = position + found.payload_bytes;
    SlotOf(i) = {end, found.correlation_id, found.route, found.payload_bytes};
  }
  if (at.count > 0 && end != at.end) return Instead("the last payload ends at", end, at.end);
  const uint64_t freed_end = head == 0 ? 0 : SlotOf(head - 1).end;
  if (at.count > 0 && (freed_end > end || end - freed_end > geometry_.ring_bytes))
    return absl::StrCat("payloads from ", freed_end, " to ", end, " > ring_bytes ", geometry_.ring_bytes);
  return "";
}

}  // namespace l3link
