// A record that is whole at every instant: two copies, of which a write changes only the older one.
//
// Each copy has a counter, a CRC-32C over counter and words, and the words. The counter is stored last: a death anywhere in
// Store leaves the newer copy untouched, and the half-written one with a CRC that does not hold. Single-threaded; memory of
// a process that died is coherent, so only the order in which the compiler stores matters.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_AB_RECORD_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_AB_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "backends/abi/base.h"
#include "backends/abi/crc32c.h"

namespace l3link {

// What lies in the journal. Zeroed memory: no record.
template <typename T>
struct AbLayout {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(uint64_t) == 0);
  static constexpr size_t kWords = sizeof(T) / sizeof(uint64_t);
  struct Copy {
    uint64_t counter;
    uint64_t crc;
    uint64_t words[kWords];
  };
  Copy copies[2];
};

template <typename T>
class AbRecord {
 public:
  using Layout = AbLayout<T>;

  explicit AbRecord(Layout* layout) : layout_(layout) {}

  // The newest whole copy; false: there is none. To be called once before Store, where there may be one.
  bool Load(T* value) {
    bool found = false;
    for (const Copy& copy : layout_->copies) {
      const uint64_t counter = l3_load_acquire_u64(&copy.counter);
      if (IsNewer(counter, counter_) && LoadAt(counter, value)) found = true;
    }
    return found;
  }

  // The copy of one certain count, if it is there and whole; the next Store counts on from it.
  bool LoadAt(uint64_t counter, T* value) {
    const Copy& copy = layout_->copies[counter % 2];
    if (counter == 0 || l3_load_acquire_u64(&copy.counter) != counter) return false;
    uint64_t words[kWords];
    for (size_t i = 0; i < kWords; ++i) words[i] = l3_load_relaxed_u64(&copy.words[i]);
    if (l3_load_relaxed_u64(&copy.crc) != Crc(counter, words)) return false;
    counter_ = counter;
    std::memcpy(value, words, sizeof(words));
    return true;
  }

  void Store(const T& value) {
    uint64_t words[kWords];
    std::memcpy(words, &value, sizeof(words));
    counter_ = After(counter_);
    Copy& older = layout_->copies[counter_ % 2];
    for (size_t i = 0; i < kWords; ++i) l3_store_relaxed_u64(&older.words[i], words[i]);
    l3_store_relaxed_u64(&older.crc, Crc(counter_, words));
    // Release: whatever was stored before, here or in the arena, is stored before this record counts.
    l3_store_release_u64(&older.counter, counter_);
  }

  // Of the newest copy; 0: none.
  uint64_t counter() const { return counter_; }

 private:
  using Copy = typename Layout::Copy;
  static constexpr size_t kWords = Layout::kWords;

  // Counters come round, should damage have put one at its end. 0 is none, and is left out with its turn.
  static bool IsNewer(uint64_t counter, uint64_t than) { return than == 0 || static_cast<int64_t>(counter - than) > 0; }
  static uint64_t After(uint64_t counter) { return counter == UINT64_MAX ? 2 : counter + 1; }

  static uint64_t Crc(uint64_t counter, const uint64_t* words) {
    return l3_crc32c_extend(l3_crc32c(&counter, sizeof(counter)), words, kWords * sizeof(uint64_t));
  }

  Layout* const layout_;
  uint64_t counter_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_AB_RECORD_H_
