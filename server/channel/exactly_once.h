// Whether a unary Send with {session_id, sequence} is new, was done before, or cannot be told any more.
//
// Sans-IO; under the chip worker's lock. A session's sequences are the lane's own positions; it holds those from where it
// was granted the lane to where another one followed.
#ifndef L3LINK_SERVER_CHANNEL_EXACTLY_ONCE_H_
#define L3LINK_SERVER_CHANNEL_EXACTLY_ONCE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/channel/lane_record.h"

namespace l3link {

// How many of `count` messages from `first` on are in the lane already, where the next one goes to record.position().
// SEQUENCE_GAP{expected, first_sequence}, SESSION_LOST{published}, SESSION_UNKNOWN.
absl::StatusOr<uint64_t> AlreadySent(const LaneRecord& record, absl::string_view session_id, uint64_t first,
                                     uint64_t count);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_EXACTLY_ONCE_H_
