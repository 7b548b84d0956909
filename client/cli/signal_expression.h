// Conditions and changes of signals as people write them: "1>=5", "0+=1".
#ifndef L3LINK_CLIENT_CLI_SIGNAL_EXPRESSION_H_
#define L3LINK_CLIENT_CLI_SIGNAL_EXPRESSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/region.h"
#include "l3link/v1/memory.pb.h"

namespace l3link::cli {

// SIGNAL OP VALUE without spaces; OP is one of >= > == != <= <, or :ge: :gt: :eq: :ne: :le: :lt: (which no shell minds),
// or ":" alone for >=. VALUE is decimal, or hex with 0x.
absl::StatusOr<client::SignalCondition> ParseCondition(absl::string_view text);

// SIGNAL=VALUE sets, SIGNAL+=VALUE adds, SIGNAL:max=VALUE raises to.
absl::StatusOr<client::SignalChange> ParseSignalChange(absl::string_view text);

v1::Condition ToProto(const client::SignalCondition& condition);
v1::Notification ToProto(const client::SignalChange& change);

// "signal 1 >= 5"
std::string FormatCondition(const client::SignalCondition& condition);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_SIGNAL_EXPRESSION_H_
