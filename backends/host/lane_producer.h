// The host's side of a host_to_chip lane: copies messages into the ring and publishes them.
//
// Called by whoever holds the chip worker's lock; sans-IO: no thread, no clock, no system call but the doorbell's wake.
// The chip is not trusted: its head is loaded once a poll, bounded by what was published, and a wrong one poisons the lane.
// Own words (tail, descriptors, payload ends) are kept privately and never read back outside Recover, which believes the
// journal.
#ifndef L3LINK_BACKENDS_HOST_LANE_PRODUCER_H_
#define L3LINK_BACKENDS_HOST_LANE_PRODUCER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "backends/abi/channel_layout.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_geometry.h"
#include "backends/host/message_run.h"
#include "backends/host/poison.h"
#include "backends/host/ring_places.h"

namespace l3link {

class LaneProducer {
 public:
  // A new, empty lane at `base` (zeroed memory of l3_lane_bytes). `bell` and `journal`, which has begun this lane, outlive it.
  LaneProducer(std::byte* base, const LaneGeometry& geometry, HostBell* bell, LaneJournal* journal);

  // Instead of empty: where an earlier daemon left the lane. To be called first. What does not agree with the journal is
  // poison: RECOVERY, HEAD_RANGE, or whatever the lane was poisoned by before.
  void Recover();

  // Copies one message behind those staged before; the chip does not see it until Publish. The caller has checked
  // payload.size() <= max_message_bytes. kOk, kFull or kPoisoned.
  [[nodiscard]] LaneResult Stage(const OutgoingMessage& message);

  // As Stage of each of `run`, from its first on, as long as there is room by what was last polled and the payload is whole;
  // Stage of the next looks for more room.
  StagedRun StageRun(const MessageRun& run);

  // Room for one message that comes in pieces: `place` is in the ring, to be filled before CommitReserved. Nothing else
  // may be staged meanwhile. kOk, kFull or kPoisoned.
  [[nodiscard]] LaneResult Reserve(uint32_t route, uint64_t correlation_id, uint32_t payload_bytes,
                                   absl::Span<std::byte>* place);
  void CommitReserved();   // stages it
  void AbandonReserved();  // as if it had never been
  bool reserved() const { return reserved_; }

  // Makes all staged messages visible with one store, and rings. Without any: nothing. Look at poison() before reporting
  // what was published: the arena's memory may be gone.
  void Publish();

  // Loads the chip's head: messages of this generation it has taken. kOk or kPoisoned (then consumed() stays).
  [[nodiscard]] LaneResult PollConsumed();

  // Asks the chip to ring when it next takes a message, then polls. Call before relying on a doorbell for room.
  [[nodiscard]] LaneResult LookForRoom();

  // Whether the chip rang since the last call. Moves nothing: who acts on it calls LookForRoom.
  bool NoticeRing();

  // The audit: false, and poison, when this side's own words in shared memory are not what it wrote.
  bool CheckOwnWords();

  uint64_t published() const { return published_; }  // the lane's tail
  uint64_t staged() const { return front_.count - published_; }
  uint64_t consumed() const { return consumed_; }  // as last polled
  uint64_t published_bytes() const { return published_bytes_; }
  uint64_t full_count() const { return full_count_; }
  const LaneGeometry& geometry() const { return geometry_; }

  const absl::optional<Poison>& poison() const { return poison_; }
  // Whoever finds the lane broken from outside (audit, lost arena); the first reason stays.
  void SetPoison(PoisonReason reason, std::string evidence);

  // For Peek: the header and payload of an unconsumed message, as this side wrote it. Not checked against the chip.
  // kOk, or kEmpty outside [consumed, published).
  [[nodiscard]] LaneResult PeekAt(uint64_t sequence, MessageHeader* header, absl::Span<const std::byte>* payload) const;

 private:
  struct Slot {  // private copy of what was written
    uint64_t end = 0;
    uint64_t correlation_id = 0;
    uint32_t route = 0;
    uint32_t payload_bytes = 0;
  };
  // Of what is staged.
  struct Front {
    RingPlaces places;
    uint64_t count = 0;  // of messages ever staged, >= published_
    uint64_t end = 0;    // where the newest payload ends
    uint64_t bytes = 0;
  };
  struct Reservation {
    uint64_t position = 0;
    uint64_t correlation_id = 0;
    uint32_t route = 0;
    uint32_t payload_bytes = 0;
  };

  // Where a message of `payload_bytes` begins. kOk, kFull or kPoisoned.
  LaneResult FindRoom(uint32_t payload_bytes, uint64_t* position);
  bool HasRoom(const Front& front, uint64_t end) const {
    return front.count - consumed_ < geometry_.lane_depth && end - freed_end_ <= geometry_.ring_bytes;
  }
  bool ArenaGone();  // and poison
  std::string RecoveryFault(const LanePosition& at);
  std::string ReadSlots(uint64_t from, const LanePosition& at);
  void SetConsumed(uint64_t consumed);
  // A message behind `front`: in this process's own memory only.
  void Note(Front* front, uint64_t position, uint32_t payload_bytes, uint32_t route, uint64_t correlation_id);
  // The lines of a message that is about to be noted.
  void FetchToWrite(uint64_t sequence, uint64_t place, uint32_t payload_bytes) const;
  // The first messages of a run, no more than are staged at once.
  StagedRun NoteSome(const MessageRun& run);
  // Of what has been noted from message `first` on: payloads, which lie one behind the other at `from`, and descriptors.
  void CopyPayloads(uint64_t first, const std::byte* from);
  void Describe(uint64_t first);
  uint32_t CrcOf(uint64_t position, uint32_t payload_bytes);
  // One message whose payload is there.
  void StageOne(uint64_t position, uint32_t payload_bytes, uint32_t route, uint64_t correlation_id);
  Slot& SlotOf(uint64_t sequence) { return slots_[sequence & slot_mask_]; }
  const Slot& SlotOf(uint64_t sequence) const { return slots_[sequence & slot_mask_]; }

  l3_producer_line* const producer_;
  l3_consumer_line* const consumer_;
  l3_descriptor* const descriptors_;
  std::byte* const ring_;
  const LaneGeometry geometry_;
  const uint64_t slot_mask_;
  HostBell* const bell_;
  LaneJournal* const journal_;
  std::vector<Slot> slots_;  // 2 x lane_depth
  bool reserved_ = false;
  Reservation reservation_;  // where reserved_
  uint64_t published_ = 0;
  Front front_;
  uint32_t digest_ = 0;  // of the descriptors from published_ on
  uint64_t consumed_ = 0;
  uint64_t freed_end_ = 0;  // where the newest consumed payload ended
  uint64_t published_bytes_ = 0;
  uint64_t full_count_ = 0;
  uint32_t rung_ = 0;
  uint32_t seen_ = 0;
  uint32_t noticed_ = 0;
  absl::optional<Poison> poison_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_LANE_PRODUCER_H_
