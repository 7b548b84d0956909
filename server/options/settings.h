// Gathers the settings' texts from flags, variables and the config file, the stronger source first, each with where it
// came from, so that an error about a value can say so. Called by main, once.
#ifndef L3LINK_SERVER_OPTIONS_SETTINGS_H_
#define L3LINK_SERVER_OPTIONS_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l3link {

struct Setting {
  std::string text;
  std::string source;  // "--chips", "L3LINK_CHIPS", "/etc/l3link.conf: chips"
};
using Settings = std::map<std::string, Setting>;  // by option name

// Arguments without the program's name. An unknown flag, a flag without value or a stray word is an error.
absl::StatusOr<Settings> SettingsOfFlags(const std::vector<std::string>& arguments);

// NAME=VALUE entries. Foreign L3LINK_ variables are left alone (other programs have theirs), unless one is so near to an
// option's that it must be a slip: then an error.
absl::StatusOr<Settings> SettingsOfEnvironment(const std::vector<std::string>& environment);

// An unknown key, one that stands twice, or one without value that is no switch is an error; so is what cannot be read.
absl::StatusOr<Settings> SettingsOfFile(const std::string& path);

// Flags > environment > file. The file is the one that --config or L3LINK_CONFIG names, if any.
absl::StatusOr<Settings> GatherSettings(const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment);

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_SETTINGS_H_
