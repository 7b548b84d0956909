// Refusals: an absl::Status that also says, for programs, why (a stable reason) and about what (names and limits).
//
// One table (refusal_table.inc) maps each reason to its status code and to what the caller can do; the wire's enum
// l3link.v1.Reason and docs/errors.md have the same names, which a test checks. The edges turn a refusal into a
// google.rpc.ErrorInfo once; nothing between looks inside.
#ifndef L3LINK_BACKENDS_HOST_REFUSAL_H_
#define L3LINK_BACKENDS_HOST_REFUSAL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"

namespace l3link {

enum class Reason {
#define L3_REFUSAL(name, code, remedy) k##name,
#include "backends/host/refusal_table.inc"
#undef L3_REFUSAL
};

struct ReasonRow {
  Reason reason;
  absl::string_view name;  // "LANE_HELD", as on the wire
  absl::StatusCode code;
  absl::string_view remedy;  // what the caller can do, one sentence
};

// Every reason once, in order of the enum.
absl::Span<const ReasonRow> ReasonTable();

using Metadata = std::vector<std::pair<std::string, std::string>>;

// A status with the reason's code. `message` says what, which id and which limit; the remedy is not part of it.
absl::Status Refuse(Reason reason, absl::string_view message, Metadata metadata = {});

struct Refusal {
  const ReasonRow* row;
  Metadata metadata;
};

// What Refuse() put into `status`; nothing for a status made otherwise.
absl::optional<Refusal> RefusalOf(const absl::Status& status);

// A refusal with this metadata too, where it has none under the same key; any other status as it is.
absl::Status WithMetadata(const absl::Status& status, const Metadata& more);

// Whether `status` was refused for `reason`.
bool IsRefusal(const absl::Status& status, Reason reason);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_REFUSAL_H_
