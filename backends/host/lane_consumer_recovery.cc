// What a LaneConsumer makes of a lane that an earlier daemon left: the journal says where it must stand, the ring in shared
// memory is held against that, and what does not agree is poison.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/lane_consumer.h"
#include "backends/host/lane_descriptor.h"

namespace l3link {
namespace {

std::string Instead(absl::string_view what, uint64_t found, uint64_t expected) {
  return absl::StrCat(what, " ", found, " instead of ", expected);
}

}  // namespace

void LaneConsumer::Recover() {
  const LaneHot& hot = journal_->hot();
  rung_ = l3_load_relaxed_u32(&consumer_->rung);
  seen_ = l3_load_relaxed_u32(&consumer_->seen);
  acked_ = delivered_ = hot.settled.count;
  delivered_ever_ = published_ = std::max(hot.reached.count, hot.settled.count);
  delivered_bytes_ = hot.bytes;
  if (acked_ > 0) SlotOf(acked_ - 1).end = hot.settled.end;
  if (hot.poison != 0) {
    poison_ = FormerPoison(hot.poison);
    return;
  }
  const uint64_t head = l3_load_relaxed_u64(&consumer_->head);
  const uint64_t tail = l3_load_acquire_u64(&producer_->tail);
  if (head > acked_) return SetPoison(PoisonReason::kRecovery, absl::StrCat("head ", head, " > ", acked_, " acked"));
  if (tail < delivered_ever_) {
    return SetPoison(PoisonReason::kRecovery, absl::StrCat("tail ", tail, " < ", delivered_ever_, " delivered"));
  }
  ReadDelivered();
  if (poison_.has_value()) return;
  if (head < acked_) l3_store_release_u64(&consumer_->head, acked_);  // pairs with the chip's acquire (l3_sender_poll)
}

// What was handed out and not given back must still be what it was: descriptors now, payloads when they go out again.
void LaneConsumer::ReadDelivered() {
  for (; delivered_ < delivered_ever_; ++delivered_) {
    const l3_descriptor found = LoadDescriptor(descriptors_[delivered_ & slot_mask_]);
    const std::string fault = DescriptorFault(found);
    const uint64_t digest = journal_->Digest(delivered_);
    if (!fault.empty() || static_cast<uint32_t>(digest >> 32) != DigestDescriptor(0, found)) {
      (void)Equivocated(fault.empty() ? "its descriptor" : fault);
      break;
    }
    SlotOf(delivered_) = {
        found.payload_position, found.payload_position + found.payload_bytes, found.correlation_id,         found.route,
        found.payload_bytes,    static_cast<uint32_t>(digest >> 32),          static_cast<uint32_t>(digest)};
  }
  const LanePosition& reached = journal_->hot().reached;
  if (!poison_.has_value() && delivered_ever_ > acked_ && SlotOf(delivered_ever_ - 1).end != reached.end) {
    SetPoison(PoisonReason::kRecovery,
              Instead("the last delivered payload ends at", SlotOf(delivered_ever_ - 1).end, reached.end));
  }
  delivered_ = acked_;
}

}  // namespace l3link
