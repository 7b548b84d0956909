#include "client/cli/exit_code.h"

#include "absl/strings/str_format.h"

namespace l3link::cli {
namespace {

struct Row {
  ExitCode code;
  absl::string_view meaning;
};

constexpr Row kTable[] = {
    {ExitCode::kOk, "done"},
    {ExitCode::kOther, "anything not listed below"},
    {ExitCode::kUsage, "the command line or an argument is wrong; repeating it cannot help"},
    {ExitCode::kConnect, "no node answers at the target, or it is stopping"},
    {ExitCode::kNotFound,
     "no such worker, channel, region, lane, signal or lease, or the @GENERATION is of an older one"},
    {ExitCode::kTimeout, "time ran out: no room, no message, or the condition did not come to hold"},
    {ExitCode::kPoisoned, "data loss: the chip broke the contract of a lane or region, which is poisoned until reset"},
    {ExitCode::kBusy, "held by somebody else, a limit is reached, or the chip is lost; later it may work"},
    {ExitCode::kConflict, "the object's state forbids it: other config under that name, closed, reset, lease gone"},
    {ExitCode::kUnsupported, "not supported by this node or on this platform"},
    {ExitCode::kInterrupted, "stopped by Ctrl-C"},
};

}  // namespace

ExitCode ExitCodeOf(absl::StatusCode code, absl::string_view reason) {
  if (reason == "STALE_ID") return ExitCode::kNotFound;
  if (reason == "CHIP_LOST") return ExitCode::kBusy;
  switch (code) {
    case absl::StatusCode::kOk: return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange: return ExitCode::kUsage;
    case absl::StatusCode::kUnavailable: return ExitCode::kConnect;
    case absl::StatusCode::kNotFound: return ExitCode::kNotFound;
    case absl::StatusCode::kDeadlineExceeded: return ExitCode::kTimeout;
    case absl::StatusCode::kDataLoss: return ExitCode::kPoisoned;
    case absl::StatusCode::kResourceExhausted: return ExitCode::kBusy;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted: return ExitCode::kConflict;
    case absl::StatusCode::kUnimplemented: return ExitCode::kUnsupported;
    default: return ExitCode::kOther;
  }
}

std::string ExitCodeTable() {
  std::string table = "Exit codes:\n";
  for (const Row& row : kTable) absl::StrAppendFormat(&table, "  %3d  %s\n", static_cast<int>(row.code), row.meaning);
  return table;
}

}  // namespace l3link::cli
