// Entries of a table that counts while their first word is not 0: that word is stored last when one is written, and first
// when it is cleared, so that a death in between leaves no half of one.
//
// Used by the journals of chips and of notifies; sans-IO.
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_STORED_ENTRY_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_STORED_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <type_traits>

#include "backends/abi/base.h"

namespace l3link {

template <typename Entry>
void StoreEntry(Entry* place, const Entry& entry) {
  static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) % sizeof(uint64_t) == 0);
  uint64_t words[sizeof(Entry) / sizeof(uint64_t)];
  std::memcpy(words, &entry, sizeof(words));
  auto* to = reinterpret_cast<uint64_t*>(place);
  l3_store_release_u64(to, 0);
  l3_fence_release();  // the zero is stored before any new word
  for (size_t i = 1; i < std::size(words); ++i) l3_store_relaxed_u64(to + i, words[i]);
  l3_store_release_u64(to, words[0]);
}

template <typename Entry>
void ClearEntry(Entry* place) {
  l3_store_release_u64(reinterpret_cast<uint64_t*>(place), 0);
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_STORED_ENTRY_H_
