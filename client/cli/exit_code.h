// The exit codes of l3linkctl: one table, printed by --help, so that scripts can branch on what happened.
#ifndef L3LINK_CLIENT_CLI_EXIT_CODE_H_
#define L3LINK_CLIENT_CLI_EXIT_CODE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace l3link::cli {

enum class ExitCode {
  kOk = 0,
  kOther = 1,
  kUsage = 2,
  kConnect = 3,
  kNotFound = 4,
  kTimeout = 5,
  kPoisoned = 6,
  kBusy = 7,
  kConflict = 8,
  kUnsupported = 9,
  kInterrupted = 130,
};

// What a refused call exits with. `reason` is the name of a l3link.v1.Reason, or empty when the refusal carried none; it
// decides where one gRPC code covers cases that a script must tell apart.
ExitCode ExitCodeOf(absl::StatusCode code, absl::string_view reason);

// The table for --help, one line a code.
std::string ExitCodeTable();

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_EXIT_CODE_H_
