#include "server/channel/wire_time.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::Status CheckTimeout(const google::protobuf::Duration& timeout, absl::string_view remedy) {
  const absl::Duration value = DurationOf(timeout);
  if (value >= absl::ZeroDuration()) return absl::OkStatus();
  const std::string text = absl::FormatDuration(value);
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD,
                absl::StrCat("timeout: ", text, " is negative, must be 0 or more; ", remedy),
                {{"field", "timeout"}, {"value", text}, {"limit", "0 or more"}});
}

}  // namespace l3link
