#include "client/cli/exit_code.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

struct Case {
  absl::StatusCode code;
  const char* reason;
  ExitCode expected;
};

TEST(ExitCodeTest, MapsEachGrpcCodeAndTheReasonsThatOverrideIt) {
  const Case kCases[] = {
      {absl::StatusCode::kOk, "", ExitCode::kOk},
      {absl::StatusCode::kInternal, "INTERNAL_ERROR", ExitCode::kOther},
      {absl::StatusCode::kPermissionDenied, "", ExitCode::kOther},
      {absl::StatusCode::kInvalidArgument, "MESSAGE_TOO_LARGE", ExitCode::kUsage},
      {absl::StatusCode::kOutOfRange, "RANGE_OUT_OF_REGION", ExitCode::kUsage},
      {absl::StatusCode::kUnavailable, "", ExitCode::kConnect},
      {absl::StatusCode::kUnavailable, "NODE_DRAINING", ExitCode::kConnect},
      {absl::StatusCode::kUnavailable, "CHIP_LOST", ExitCode::kBusy},
      {absl::StatusCode::kNotFound, "LANE_NOT_FOUND", ExitCode::kNotFound},
      {absl::StatusCode::kFailedPrecondition, "STALE_ID", ExitCode::kNotFound},
      {absl::StatusCode::kFailedPrecondition, "NOT_UTF8", ExitCode::kConflict},
      {absl::StatusCode::kDeadlineExceeded, "WOULD_BLOCK", ExitCode::kTimeout},
      {absl::StatusCode::kDataLoss, "LANE_POISONED", ExitCode::kPoisoned},
      {absl::StatusCode::kResourceExhausted, "LANE_HELD", ExitCode::kBusy},
      {absl::StatusCode::kAlreadyExists, "CONFIG_MISMATCH", ExitCode::kConflict},
      {absl::StatusCode::kAborted, "LANE_RESET", ExitCode::kConflict},
      {absl::StatusCode::kUnimplemented, "PLATFORM_UNSUPPORTED", ExitCode::kUnsupported},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ExitCodeOf(c.code, c.reason), c.expected) << absl::StatusCodeToString(c.code) << " " << c.reason;
  }
}

TEST(ExitCodeTest, TableListsThePromisedNumbers) {
  const std::string table = ExitCodeTable();
  for (const char* line : {"\n    0  done", "\n    2  the command", "\n    3  no node", "\n    4  no such",
                           "\n    5  time ran", "\n    6  data loss", "\n  130  stopped"}) {
    EXPECT_NE(table.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace l3link::cli
