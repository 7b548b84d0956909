// What happened to one lane pair, as witnesses outside of it tell: the checker's whole input.
//
// Positions count messages of the lane from 0. `epoch` is the lease under which the witness acted. Plain values, so that
// they may lie in memory that outlives a killed witness.
#ifndef L3LINK_TESTS_HISTORY_EVENT_H_
#define L3LINK_TESTS_HISTORY_EVENT_H_

#include <cstdint>

#include "tests/history/payload.h"

namespace l3link::history {

enum class EventKind : uint32_t {
  kAttached,    // `session` holds the lanes under `epoch`; its next message has position `position`
  kPublished,   // the node has acknowledged all messages below `position`
  kSeenAtChip,  // the chip took `content` at `position`
  kReceived,    // the client got `content` at `position`
  kAcked,       // the client has processed all below `position`
  kFenced,      // `epoch` and all before it hold nothing any more
  // At rest, as the node reports it: messages ever ...
  kFinalPublished,  // ... in the ring to the chip
  kFinalConsumed,   // ... taken by the chip
  kFinalReturned,   // ... in the ring from the chip
  kFinalAcked,      // ... given back by the client
};

struct Event {
  EventKind kind = EventKind::kAttached;
  uint32_t redelivered = 0;  // kReceived: marked as perhaps delivered before
  uint64_t session = 0;
  uint64_t epoch = 0;
  uint64_t position = 0;
  uint64_t correlation = 0;  // what the sender gave along: its position; a hint that is verified
  Fingerprint content;
};

}  // namespace l3link::history

#endif  // L3LINK_TESTS_HISTORY_EVENT_H_
