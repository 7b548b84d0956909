// The journal of one region: the values of the signals that only the host writes, and whether the region is poisoned.
//
//      0  +-----------------------------------------------+
//         | hot: A and B: generation, poison              |
//         +-----------------------------------------------+
//         | values: one 64-bit word a signal              |
//         +-----------------------------------------------+
//         | writers: one byte a signal                    |
//         +-----------------------------------------------+
//
// Owned by its HostRegion, used under the chip worker's lock; sans-IO. A value is stored here before the arena's signal: a
// restarted daemon stores it there once more.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_REGION_JOURNAL_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_REGION_JOURNAL_H_

#include <cstdint>
#include <cstring>

#include "absl/types/span.h"
#include "backends/host/journal/ab_record.h"

namespace l3link {

struct RegionHot {
  uint64_t generation = 0;
  uint64_t poison = 0;  // 1 + PoisonReason; 0: none
};

class RegionJournal {
 public:
  static constexpr uint64_t BytesFor(uint32_t signals) {
    return sizeof(AbLayout<RegionHot>) + uint64_t{signals} * (sizeof(uint64_t) + 1);
  }

  // `block` has BytesFor(signals) of zeroed memory, or what an earlier daemon left there.
  RegionJournal(std::byte* block, uint32_t signals)
      : record_(reinterpret_cast<AbLayout<RegionHot>*>(block)),
        values_(reinterpret_cast<uint64_t*>(block + sizeof(AbLayout<RegionHot>))),
        writers_(reinterpret_cast<uint8_t*>(values_ + signals)),
        signals_(signals) {}

  // A new region: all values 0.
  void Begin(uint64_t generation, absl::Span<const uint8_t> writers) {
    std::memcpy(writers_, writers.data(), signals_);
    hot_.generation = generation;
    record_.Store(hot_);
  }
  // What an earlier daemon left. False: nothing whole.
  bool Load() { return record_.Load(&hot_); }

  void SetValue(uint32_t signal, uint64_t value) { l3_store_release_u64(&values_[signal], value); }
  uint64_t Value(uint32_t signal) const { return l3_load_relaxed_u64(&values_[signal]); }
  absl::Span<const uint8_t> writers() const { return {writers_, signals_}; }

  void SetPoison(int reason) {
    hot_.poison = static_cast<uint64_t>(reason) + 1;
    record_.Store(hot_);
  }
  const RegionHot& hot() const { return hot_; }

 private:
  AbRecord<RegionHot> record_;
  uint64_t* const values_;
  uint8_t* const writers_;
  const uint32_t signals_;
  RegionHot hot_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_REGION_JOURNAL_H_
