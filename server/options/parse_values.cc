#include "server/options/parse_values.h"

#include <arpa/inet.h>

#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace l3link {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not ", expected));
}

// 0 for an unknown unit.
uint64_t UnitBytes(absl::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  const std::string letter = absl::AsciiStrToUpper(unit.substr(0, 1));
  const absl::string_view rest = unit.substr(1);
  if (!rest.empty() && rest != "iB" && rest != "i") return 0;
  if (letter == "K") return uint64_t{1} << 10;
  if (letter == "M") return uint64_t{1} << 20;
  if (letter == "G") return uint64_t{1} << 30;
  if (letter == "T") return uint64_t{1} << 40;
  return 0;
}

bool IsLoopback(const std::string& host) {
  in_addr v4;
  in6_addr v6;
  if (host == "localhost") return true;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

}  // namespace

absl::StatusOr<uint64_t> ParseCount(absl::string_view text, uint64_t least, uint64_t most) {
  uint64_t value;
  if (absl::SimpleAtoi(text, &value) && value >= least && value <= most) return value;
  return Bad(text, absl::StrCat("a whole number from ", least, " to ", most));
}

absl::StatusOr<uint64_t> ParseBytes(absl::string_view text, uint64_t least, uint64_t most) {
  absl::string_view digits = absl::StripAsciiWhitespace(text);
  size_t end = 0;
  while (end < digits.size() && std::isdigit(static_cast<unsigned char>(digits[end]))) ++end;
  const uint64_t unit = UnitBytes(absl::StripAsciiWhitespace(digits.substr(end)));
  uint64_t count, bytes;
  if (unit != 0 && absl::SimpleAtoi(digits.substr(0, end), &count) && !__builtin_mul_overflow(count, unit, &bytes) &&
      bytes >= least && bytes <= most) {
    return bytes;
  }
  return Bad(text, absl::StrCat("a size from ", least, " to ", most, " bytes, such as 65536, 64KiB or 1GiB"));
}

absl::StatusOr<absl::Duration> ParseTime(absl::string_view text, absl::Duration least, absl::Duration most) {
  absl::Duration value;
  if (absl::ParseDuration(text, &value) && value >= least && value <= most) return value;
  return Bad(text, absl::StrCat("a duration from ", absl::FormatDuration(least), " to ", absl::FormatDuration(most),
                                ", such as 500ms, 30s or 2m"));
}

absl::StatusOr<bool> ParseSwitch(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(text);
  if (word == "true" || word == "1" || word == "on" || word == "yes") return true;
  if (word == "false" || word == "0" || word == "off" || word == "no") return false;
  return Bad(text, "true or false");
}

absl::StatusOr<std::string> ParseOneOf(absl::string_view text, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (text == word) return word;
  }
  return Bad(text, absl::StrCat("one of ", absl::StrJoin(words, ", ")));
}

absl::StatusOr<std::vector<PlatformCount>> ParsePlatforms(absl::string_view text, uint32_t chips) {
  std::vector<PlatformCount> platforms;
  for (absl::string_view entry : absl::StrSplit(text, ',')) {
    std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    PlatformCount platform{std::string(absl::StripAsciiWhitespace(halves.first)), chips};
    if (platform.platform.empty()) return Bad(text, "a list of platforms, such as a2a3sim=2,a5=1");
    if (entry.find('=') != absl::string_view::npos) {
      absl::StatusOr<uint64_t> count = ParseCount(halves.second, 1, 64);
      if (!count.ok()) return count.status();
      platform.chips = static_cast<uint32_t>(*count);
    }
    platforms.push_back(std::move(platform));
  }
  return platforms;
}

std::string ListenAddress::ToString() const {
  const bool v6 = host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", port);
}

absl::StatusOr<ListenAddress> ParseListen(absl::string_view text) {
  constexpr absl::string_view kExpected = "HOST:PORT, such as 127.0.0.1:50051, [::1]:50051 or 0.0.0.0:0";
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Bad(text, kExpected);
  ListenAddress address;
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  if (host.empty() || (!bracketed && host.find_first_of(":[]") != absl::string_view::npos)) return Bad(text, kExpected);
  uint32_t port;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) return Bad(text, kExpected);
  address.host = std::string(host);
  address.port = static_cast<uint16_t>(port);
  address.loopback = IsLoopback(address.host);
  return address;
}

}  // namespace l3link
