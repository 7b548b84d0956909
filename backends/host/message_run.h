// Messages on their way to the chip, many at once: as a packed frame has them.
//
// Views only. Used by LaneProducer and by who reads frames.
#ifndef L3LINK_BACKENDS_HOST_MESSAGE_RUN_H_
#define L3LINK_BACKENDS_HOST_MESSAGE_RUN_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace l3link {

// Messages as parallel arrays of `count`; `routes` and `correlation_ids` may be null: all 0.
struct MessageRun {
  uint64_t count = 0;
  const uint32_t* sizes = nullptr;
  const uint32_t* routes = nullptr;
  const uint64_t* correlation_ids = nullptr;
  absl::Span<const std::byte> payloads;  // one behind the other; may end amid one

  // Without its first messages, of so many bytes together.
  void RemovePrefix(uint64_t messages, uint64_t bytes) {
    count -= messages;
    sizes += messages;
    if (routes != nullptr) routes += messages;
    if (correlation_ids != nullptr) correlation_ids += messages;
    payloads.remove_prefix(bytes);
  }
};

struct StagedRun {
  uint64_t count = 0;
  uint64_t bytes = 0;  // of payload
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_MESSAGE_RUN_H_
