// The host's words of an arena's two doorbells: rings the chip after a publish, and puts the host's own looker to sleep.
//
// Called under the chip worker's lock, but for the wait itself, which the platform does on the looker's thread between Arm
// and Disarm. See backends/abi/doorbell.h for the protocol.
#ifndef L3LINK_BACKENDS_HOST_HOST_BELL_H_
#define L3LINK_BACKENDS_HOST_HOST_BELL_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "backends/abi/doorbell.h"

namespace l3link {

class HostBell {
 public:
  // `wake` wakes whoever sleeps on the word it is given; it must not block.
  HostBell(l3_arena_header* header, absl::AnyInvocable<void(uint32_t* word)> wake)
      : header_(header), wake_(std::move(wake)) {}

  // After publishing on a lane or region: its rung and seen words.
  void Ring(uint32_t* rung, uint32_t* rung_value, const uint32_t* seen) {
    if (l3_ring_due(rung, rung_value, seen, &header_->to_chip)) Change(&header_->to_chip.word);
  }

  // After a change that every chip program must notice (attach, directory): no matter what it has seen.
  void RingDirectory() { Change(&header_->to_chip.word); }

  // Before the last look: the word to sleep on and its value now. Fence (2) of the protocol is inside.
  uint32_t Arm() {
    uint32_t remembered = l3_load_acquire_u32(&header_->to_host.word);
    l3_store_relaxed_u32(&header_->to_host.armed, 1);
    l3_fence_full();
    return remembered;
  }
  void Disarm() { l3_store_relaxed_u32(&header_->to_host.armed, 0); }
  uint32_t* word() { return &header_->to_host.word; }
  // Ends a sleep on word() from this side, soon. It is the chip's word: if the chip changes it at the same moment, one of the two
  // changes is lost, and the sleeper may go on until its time is up.
  void WakeOwnSleeper() { Change(word()); }

  // `flag` is set as soon as a touch of the arena has gone wrong (Platform::ArenaFaultFlag), and outlives this; null: never.
  void set_fault_flag(const std::atomic<bool>* flag) { fault_flag_ = flag; }
  // To be asked after touching the arena and before anything read there is believed, or anything written there reported.
  bool arena_gone() const {
    return fault_flag_ != nullptr && fault_flag_->load(std::memory_order_acquire);  // pairs with the handler's release
  }

 private:
  // Not an atomic addition: where the arena is mapped device memory, the bus may not carry one, and the processor faults. The
  // chip worker's lock leaves one ringer at a time.
  void Change(uint32_t* word) {
    l3_store_release_u32(word, l3_load_relaxed_u32(word) + 1);
    wake_(word);
  }

  l3_arena_header* const header_;
  absl::AnyInvocable<void(uint32_t*)> wake_;
  const std::atomic<bool>* fault_flag_ = nullptr;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_HOST_BELL_H_
