#include "server/channel/exactly_once.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::StatusOr<uint64_t> AlreadySent(const LaneRecord& record, absl::string_view session_id, uint64_t first,
                                     uint64_t count) {
  const uint64_t position = record.position();
  const std::string who = absl::StrCat(LaneLabel(record.key()), ": session ", session_id, ": ");
  const Metadata session = {{"session_id", std::string(session_id)}};
  if (first > position) {
    return Refuse(Reason::kSEQUENCE_GAP, absl::StrCat(who, "sequence ", first, " where ", position, " is next"),
                  {{"expected", absl::StrCat(position)}, {"first_sequence", absl::StrCat(first)}});
  }
  uint64_t start = position;
  uint64_t end = position;
  const RetiredSession* retired = record.FindRetired(session_id);
  if (record.IsLast(session_id)) {
    start = record.start();
  } else if (retired != nullptr && retired->generation == record.generation()) {
    start = retired->start;
    end = retired->position;
  }
  if (first >= start && first + count <= end) return count;                    // all of it was done
  if (end == position && first >= start) return std::min(count, end - first);  // goes on where the lane stands
  if (first == position) return 0;                                             // begins anew, knowing where
  if (start == position) {
    return Refuse(Reason::kSESSION_UNKNOWN,
                  absl::StrCat(who, "not known here, and ", position, " is next, not ", first), session);
  }
  return Refuse(Reason::kSESSION_LOST, absl::StrCat(who, "another session sent since position ", end),
                {{"session_id", std::string(session_id)}, {"published", absl::StrCat(end)}});
}

}  // namespace l3link
