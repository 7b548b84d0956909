// What earlier nodes left of their chips in a state directory, also of chips that this node does not have. Called by
// RunDaemon while it holds the directory's lock and before any chip starts, on its thread.
#ifndef L3LINK_SERVER_KEPT_CHIPS_H_
#define L3LINK_SERVER_KEPT_CHIPS_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"

namespace l3link {

// Each N with a private/chip-N.journal or a chips/N/arena.
std::set<uint32_t> FindKeptChips(const std::string& state_dir);

// Removes every journal, then every arena: no journal outlives its arena. PERMISSION_DENIED: one is no file of ours alone.
absl::Status DiscardKeptChips(const std::string& state_dir);

}  // namespace l3link

#endif  // L3LINK_SERVER_KEPT_CHIPS_H_
