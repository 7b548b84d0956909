// The config file's lines, without any knowledge of what the keys mean. Called by SettingsOfFile, once.
#ifndef L3LINK_SERVER_OPTIONS_CONFIG_FILE_H_
#define L3LINK_SERVER_OPTIONS_CONFIG_FILE_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace l3link {

struct ConfigLine {
  int number;  // from 1
  std::string key;
  absl::optional<std::string> value;  // absent: the key stands alone
};

// `key = value` or `key`, one a line, white space around them dropped. A '#' at the start of a line or after white space
// begins a comment. A value in double quotes is taken as it stands between them. nullopt: the line says nothing.
absl::StatusOr<absl::optional<ConfigLine>> ParseConfigLine(absl::string_view text, int number);

// Every line that says something; the errors name the line.
absl::StatusOr<std::vector<ConfigLine>> ReadConfig(std::istream& file);

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_CONFIG_FILE_H_
