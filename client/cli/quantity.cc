#include "client/cli/quantity.h"

#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace l3link::cli {
namespace {

struct Unit {
  absl::string_view suffix;
  double factor;
};

constexpr Unit kByteUnits[] = {
    {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}, {"k", 1e3}, {"K", 1e3},
    {"M", 1e6},     {"G", 1e9},        {"T", 1e12},
};

}  // namespace

absl::StatusOr<absl::Duration> ParseDurationArgument(absl::string_view text) {
  absl::Duration duration;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a duration; write 5, 1.5s, 200ms or 2m"));
  }
  if (!(duration >= absl::ZeroDuration()) || duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a finite duration of 0 or more"));
  }
  return duration;
}

absl::StatusOr<uint64_t> ParseByteCount(absl::string_view text) {
  uint64_t whole = 0;
  if (absl::SimpleAtoi(text, &whole)) return whole;
  absl::string_view digits = text;
  absl::ConsumeSuffix(&digits, "B");
  double factor = 1;
  for (const Unit& unit : kByteUnits) {
    if (absl::ConsumeSuffix(&digits, unit.suffix)) {
      factor = unit.factor;
      break;
    }
  }
  double number = 0;
  if (!absl::SimpleAtod(digits, &number) || !(number >= 0)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a byte count; write 4096, 64Ki or 1.5Mi"));
  }
  const double bytes = number * factor;
  if (!(bytes < 18446744073709551616.0)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is more than 64 bits hold"));
  }
  if (bytes != std::floor(bytes)) return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not whole bytes"));
  return static_cast<uint64_t>(bytes);
}

std::string FormatByteCount(double bytes) {
  if (bytes < 1024) return absl::StrFormat("%.0f B", bytes);
  for (absl::string_view unit : {"KiB", "MiB", "GiB"}) {
    bytes /= 1024;
    if (bytes < 1024) return absl::StrFormat("%.1f %s", bytes, unit);
  }
  return absl::StrFormat("%.1f TiB", bytes / 1024);
}

std::string FormatMicroseconds(double microseconds) {
  if (microseconds < 1000) return absl::StrFormat("%.0f us", microseconds);
  if (microseconds < 1e6) return absl::StrFormat("%.1f ms", microseconds / 1e3);
  return absl::StrFormat("%.1f s", microseconds / 1e6);
}

}  // namespace l3link::cli
