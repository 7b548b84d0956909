// The texts that flags, variables and the config file give, as values. Errors say what was expected. Pure.
#ifndef L3LINK_SERVER_OPTIONS_PARSE_VALUES_H_
#define L3LINK_SERVER_OPTIONS_PARSE_VALUES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace l3link {

absl::StatusOr<uint64_t> ParseCount(absl::string_view text, uint64_t least, uint64_t most);
// "4096", "64KiB", "512 MiB", "1G": powers of 1024 all.
absl::StatusOr<uint64_t> ParseBytes(absl::string_view text, uint64_t least, uint64_t most);
// "30s", "500ms", "1m30s".
absl::StatusOr<absl::Duration> ParseTime(absl::string_view text, absl::Duration least, absl::Duration most);
absl::StatusOr<bool> ParseSwitch(absl::string_view text);
absl::StatusOr<std::string> ParseOneOf(absl::string_view text, const std::vector<std::string>& words);

struct PlatformCount {
  std::string platform;
  uint32_t chips;
  bool operator==(const PlatformCount&) const = default;
};
// "a2a3sim=2,a5=1"; a name alone has `chips` of them. Names are checked by whoever makes platforms.
absl::StatusOr<std::vector<PlatformCount>> ParsePlatforms(absl::string_view text, uint32_t chips);

struct ListenAddress {
  std::string host;  // without brackets
  uint16_t port = 0;
  bool loopback = false;

  // "127.0.0.1:50051", "[::1]:50051"
  std::string ToString() const;
};
// "HOST:PORT"; an IPv6 address is in brackets.
absl::StatusOr<ListenAddress> ParseListen(absl::string_view text);

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_PARSE_VALUES_H_
