// Futexes on words that two processes map. std::atomic::wait uses private ones and cannot wake another process.
#ifndef L3LINK_BACKENDS_SIM_SHARED_FUTEX_H_
#define L3LINK_BACKENDS_SIM_SHARED_FUTEX_H_

#include <cstdint>

#include "absl/time/time.h"

namespace l3link {

// Wakes everybody who sleeps on the word, in any process. Does not block.
void WakeShared(uint32_t* word);

// Sleeps until *word != expected, a wake, or the time is over; or less for no reason. Monotonic time.
void AwaitShared(const uint32_t* word, uint32_t expected, absl::Duration at_most);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_SHARED_FUTEX_H_
