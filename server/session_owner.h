// A session is its principal's alone: for as long as the node remembers it, another principal may neither go on with it nor take
// its id. Of sessions on lanes and of MemoryService.Stream alike. Pure.
#ifndef L3LINK_SERVER_SESSION_OWNER_H_
#define L3LINK_SERVER_SESSION_OWNER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace l3link {

// SESSION_OF_ANOTHER{session_id, owner, principal} unless `principal`, who asks, is the owner.
absl::Status CheckOwner(absl::string_view session_id, absl::string_view owner, absl::string_view principal);

}  // namespace l3link

#endif  // L3LINK_SERVER_SESSION_OWNER_H_
