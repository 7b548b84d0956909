#include "server/session_owner.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::Status CheckOwner(absl::string_view session_id, absl::string_view owner, absl::string_view principal) {
  if (owner == principal) return absl::OkStatus();
  return Refuse(
      Reason::kSESSION_OF_ANOTHER, absl::StrCat("session ", session_id, " belongs to ", owner, "; you are ", principal),
      {{"session_id", std::string(session_id)}, {"owner", std::string(owner)}, {"principal", std::string(principal)}});
}

}  // namespace l3link
