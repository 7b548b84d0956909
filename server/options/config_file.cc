#include "server/options/config_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

absl::string_view WithoutComment(absl::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '#' && (at == 0 || absl::ascii_isspace(text[at - 1]))) return text.substr(0, at);
  }
  return text;
}

absl::Status BadLine(int number, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", why));
}

absl::StatusOr<std::string> ParseValue(absl::string_view text, int number) {
  text = absl::StripAsciiWhitespace(text);
  if (!absl::StartsWith(text, "\"")) return std::string(absl::StripAsciiWhitespace(WithoutComment(text)));
  const size_t end = text.find('"', 1);
  if (end == absl::string_view::npos) return BadLine(number, "the value has no closing quote");
  if (!absl::StripAsciiWhitespace(WithoutComment(text.substr(end + 1))).empty()) {
    return BadLine(number, "something follows the closing quote");
  }
  return std::string(text.substr(1, end - 1));
}

}  // namespace

absl::StatusOr<absl::optional<ConfigLine>> ParseConfigLine(absl::string_view text, int number) {
  const absl::string_view said = absl::StripAsciiWhitespace(WithoutComment(text));
  if (said.empty()) return absl::nullopt;
  const size_t equals = said.find('=');
  ConfigLine line{number, std::string(absl::StripAsciiWhitespace(said.substr(0, equals))), absl::nullopt};
  if (line.key.empty()) return BadLine(number, "there is no key before '='");
  if (equals == absl::string_view::npos) return line;
  // From the whole text: a '#' between quotes is the value's own.
  absl::StatusOr<std::string> value = ParseValue(text.substr(text.find('=') + 1), number);
  if (!value.ok()) return value.status();
  line.value = *std::move(value);
  return line;
}

absl::StatusOr<std::vector<ConfigLine>> ReadConfig(std::istream& file) {
  std::vector<ConfigLine> lines;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    absl::StatusOr<absl::optional<ConfigLine>> line = ParseConfigLine(text, number);
    if (!line.ok()) return line.status();
    if (line->has_value()) lines.push_back(**std::move(line));
  }
  if (file.bad()) return absl::InvalidArgumentError(strerror(errno));
  return lines;
}

}  // namespace l3link
