// The host's side of a chip_to_host lane: checks what the chip published, copies it out once, and gives room back on ack.
//
// Called by whoever holds the chip worker's lock; sans-IO. Three counts: acked (the ring's head) <= delivered (handed out)
// <= published (the chip's tail as last polled). The ring is the retransmit buffer: after a lost stream, Rewind hands the
// unacknowledged messages out again, each compared with the digest of its first delivery.
//
// The chip is not trusted: every word is loaded once, bounded, and the copy used. A wrong one poisons the lane.
#ifndef L3LINK_BACKENDS_HOST_LANE_CONSUMER_H_
#define L3LINK_BACKENDS_HOST_LANE_CONSUMER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "backends/abi/channel_layout.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_geometry.h"
#include "backends/host/poison.h"
#include "backends/host/ring_places.h"

namespace l3link {

class LaneConsumer {
 public:
  // A new, empty lane at `base` (zeroed memory of l3_lane_bytes). `bell` and `journal`, which has begun this lane, outlive it.
  LaneConsumer(std::byte* base, const LaneGeometry& geometry, HostBell* bell, LaneJournal* journal);

  // Instead of empty: where an earlier daemon left the lane. To be called first. What does not agree with the journal is
  // poison: RECOVERY, EQUIVOCATION, or whatever the lane was poisoned by before.
  void Recover();

  // Asks the chip to ring at its next publish, then loads its tail. kOk (published() > delivered()), kEmpty or kPoisoned.
  [[nodiscard]] LaneResult Look();

  // Loads the chip's tail without asking to be rung. Same results.
  [[nodiscard]] LaneResult Poll();

  // The header of the next undelivered message, checked. Poll has found it, else kEmpty. Repeating answers the same copy.
  [[nodiscard]] LaneResult Next(MessageHeader* header);

  // Copies `out.size()` bytes of the message that Next answered, in order from its first byte, straight from the ring.
  // With the last piece the whole is checked against checksum and earlier delivery: kOk or kPoisoned. A message of 0 bytes
  // takes one call with an empty span.
  [[nodiscard]] LaneResult CopyNext(absl::Span<std::byte> out);

  // Counts the copied message as delivered.
  void Advance();
  // Before any message that was counted is given to a client, unless it was acknowledged first.
  void JournalDelivered();

  // Hands out again from `sequence`, acked <= sequence <= delivered.
  void Rewind(uint64_t sequence);

  // Gives back the room of all messages below `through` and rings. False, with no effect, when through > delivered; no effect
  // when through <= acked, or when the lane is poisoned.
  [[nodiscard]] bool Ack(uint64_t through);

  // For Peek: copies an unacknowledged message without moving anything; works on a poisoned lane, and poisons none.
  // kOk; kEmpty outside [acked, published); kPoisoned when its descriptor is not to be believed.
  [[nodiscard]] LaneResult PeekAt(uint64_t sequence, MessageHeader* header, std::string* payload) const;

  // Whether the chip rang since the last call. Moves nothing: who acts on it calls Look.
  bool NoticeRing();

  // The audit: false, and poison, when this side's own words in shared memory are not what it wrote.
  bool CheckOwnWords();

  uint64_t acked() const { return acked_; }          // the lane's head
  uint64_t delivered() const { return delivered_; }  // the next sequence to hand out
  uint64_t delivered_ever() const { return delivered_ever_; }
  uint64_t published() const { return published_; }  // as last polled
  uint64_t delivered_bytes() const { return delivered_bytes_; }
  const LaneGeometry& geometry() const { return geometry_; }

  const absl::optional<Poison>& poison() const { return poison_; }
  void SetPoison(PoisonReason reason, std::string evidence);

 private:
  struct Slot {  // private: where a checked message ended, and what was handed out
    uint64_t position = 0;
    uint64_t end = 0;
    uint64_t correlation_id = 0;
    uint32_t route = 0;
    uint32_t payload_bytes = 0;
    uint32_t descriptor_digest = 0;
    uint32_t payload_digest = 0;  // CRC-32C, once delivered
  };

  uint64_t BytesThrough(uint64_t sequence);  // payload bytes ever delivered of messages below
  // The end of the payload before `sequence`, which is at most delivered_ + 1 and at least acked_.
  uint64_t EndBefore(uint64_t sequence) const { return sequence == 0 ? 0 : SlotOf(sequence - 1).end; }
  // What is wrong with the descriptor of message delivered_; empty: nothing.
  std::string DescriptorFault(const l3_descriptor& descriptor);
  bool ArenaGone();  // and poison
  LaneResult Equivocated(absl::string_view what);
  void ReadDelivered();  // or poison

  Slot& SlotOf(uint64_t sequence) { return slots_[sequence & slot_mask_]; }
  const Slot& SlotOf(uint64_t sequence) const { return slots_[sequence & slot_mask_]; }

  l3_producer_line* const producer_;
  l3_consumer_line* const consumer_;
  l3_descriptor* const descriptors_;
  std::byte* const ring_;
  const LaneGeometry geometry_;
  const uint64_t slot_mask_;
  RingPlaces places_;
  HostBell* const bell_;
  LaneJournal* const journal_;
  std::vector<Slot> slots_;  // 2 x lane_depth
  bool next_checked_ = false;
  uint64_t copied_bytes_ = 0;  // of the message at delivered_
  uint32_t copied_crc_ = 0;
  uint32_t expected_crc_ = 0;  // of the descriptor, when the channel has checksums
  uint64_t acked_ = 0;
  uint64_t delivered_ = 0;
  uint64_t delivered_ever_ = 0;  // high-water mark: below it a delivery is a redelivery
  uint64_t published_ = 0;
  uint64_t delivered_bytes_ = 0;
  uint32_t rung_ = 0;
  uint32_t seen_ = 0;
  uint32_t noticed_ = 0;
  absl::optional<Poison> poison_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_LANE_CONSUMER_H_
