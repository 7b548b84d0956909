// Durations and byte counts as people write them, and as they like to read them.
#ifndef L3LINK_CLIENT_CLI_QUANTITY_H_
#define L3LINK_CLIENT_CLI_QUANTITY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace l3link::cli {

// "5", "1.5s", "200ms", "2m"; a bare number is seconds. Refuses negative and infinite ones.
absl::StatusOr<absl::Duration> ParseDurationArgument(absl::string_view text);

// "4096", "64Ki", "64KiB", "1Mi", "2G" (decimal), "1.5Mi". Refuses what does not fit 64 bits or is not whole.
absl::StatusOr<uint64_t> ParseByteCount(absl::string_view text);

// "4096" -> "4.0 KiB"; whole bytes below 1,024.
std::string FormatByteCount(double bytes);

// Rounded to what the eye needs: "12 us", "3.4 ms", "1.2 s".
std::string FormatMicroseconds(double microseconds);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_QUANTITY_H_
